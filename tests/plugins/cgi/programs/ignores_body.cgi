#!/bin/sh
exec <&-
printf 'Content-Type: text/plain\n\nnot read'
