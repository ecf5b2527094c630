#!/bin/sh
printf 'Status: 103 Early Hints\nLink: </a.css>; rel=preload\n\n'
