printf 'Content-Type: text/plain\n\nnever run'
