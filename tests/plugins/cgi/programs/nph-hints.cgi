#!/bin/sh
printf 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n'
