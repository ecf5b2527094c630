#!/bin/sh
printf 'Status: 404 Not Here\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n<p>no</p>'
