<?php
header('Content-Type: text/plain');
echo 'BODY=', strlen(file_get_contents('php://input')), "\n";
ksort($_SERVER);
foreach ($_SERVER as $name => $value) {
    echo $name, '=', is_array($value) ? implode(' ', $value) : $value, "\n";
}
