#!/bin/sh
# Turns the exit code of a scan ($CODE) into that of a job: a warning, or a project without packages, fails nothing unless
# WARNINGS_FAIL is true.
set -eu
case ${CODE:-1} in
0) ;;
4) echo "lazaret: no file here names a package" ;;
10) [ "${WARNINGS_FAIL:-false}" != true ] || exit 10 ;;
*) exit "${CODE:-1}" ;;
esac
