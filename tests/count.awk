# Reads CTest's LastTest.log and prints "N passed, N failed": test cases where the program is a GoogleTest one,
# the program itself otherwise (one that prints a line "skipped: why" is not counted). Before that a line for what was
# skipped, since CTest shows nothing of a program that passes. A program that died before its summary counts as one failure.
function finish() {
    if (!open) return
    if (cases || case_failures) {
        passed += cases
        failed += case_failures
        if (!ok && !case_failures) ++failed
    } else if (!skipped) {
        if (ok) ++passed
        else ++failed
    }
    open = 0
}
/^[0-9]+\/[0-9]+ Testing: / { finish(); open = 1; ok = cases = case_failures = skipped = 0 }
/^\[  PASSED  \] [0-9]+ test/ { cases += $4 }
/^\[  FAILED  \] [0-9]+ tests?, listed below/ { case_failures += $4 }
/^\[  SKIPPED \] [0-9]+ tests?, listed below/ { skipped += $4; not_run += $4 }
/^skipped: / { skipped = 1; ++not_run; print }
# A test says why on the line after ": Skipped", and its name comes after that.
says_why { why = $0; says_why = 0 }
/: Skipped$/ { says_why = 1 }
/^\[  SKIPPED \] [^ ]+ \(/ { print "skipped: " $4 ": " why; why = "" }
/^Test Passed\.$/ { ok = 1 }
END {
    finish()
    if (not_run) printf "%d skipped (each says why above)\n", not_run
    printf "%d passed, %d failed\n", passed, failed
}
