#!/bin/sh
printf '<html>no header at all</html>\n'
sleep 30
