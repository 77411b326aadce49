#!/bin/sh
# The pipeline with the lock table: on a lent stack, which is new only where none was free.
exec bdd-lock run -- "$(dirname "$0")/deploy-and-test.sh"
