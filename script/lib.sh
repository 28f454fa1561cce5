# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# shellcheck shell=sh
# What bootstrap, script/test and script/demo share. Source it; POSIX sh.

say()
{
    printf '%s\n' "$*" >&2
}

die()
{
    say "$(basename "$0"): $*"
    exit 1
}

# fetch_packages TOP: the front-end packages of package-lock.json, unless
# node_modules is as new as the lock file.
fetch_packages()
{
    if [ -f "$1/node_modules/.package-lock.json" ] &&
        [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
        return 0
    fi
    command -v npm >/dev/null || die 'npm is missing (Debian: npm)'
    say 'fetching the front-end packages'
    (cd "$1" && npm ci --no-progress >&2) || die 'npm ci failed'
}
