#!/bin/sh
printf 'HTTP/1.1 203 Mine\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nown response'
