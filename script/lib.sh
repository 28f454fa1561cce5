# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# shellcheck shell=sh
# shellcheck disable=SC2034 # the lists are for those who source it
# What bootstrap, script/test and script/demo share. Source it; POSIX sh.

build_packages='gcc libc6-dev make autoconf automake libtool pkg-config
    apache2-dev apache2-bin libapr1-dev libaprutil1-dev
    libaprutil1-dbd-sqlite3 libssl-dev libcurl4-openssl-dev libjansson-dev
    libsodium-dev libicu-dev liboath-dev libqrencode-dev libcmocka-dev ca-certificates'
front_end_packages='nodejs npm'
test_packages='libaprutil1-dbd-pgsql postgresql
    postgresql-client sqlite3 openssl chromium perl
    libio-socket-ssl-perl libdbi-perl libdbd-sqlite3-perl libdbd-pg-perl
    python3-aiosmtpd oathtool curl php-fpm prometheus pgbouncer
    logrotate procps util-linux'
lint_packages='clang-tidy clang-format cppcheck'

# For script/fuzz, script/coverage and script/bench alone.
fuzz_packages='clang libclang-rt-dev procps'
coverage_packages='gcovr'
bench_packages='nghttp2-client php-fpm php-sqlite3 php-pgsql'

# What script/test and script/coverage run when nothing is named.
test_folders='t/unit t/fuzz t/guard t/http t/fault t/browser'

say()
{
    printf '%s\n' "$*" >&2
}

die()
{
    say "$(basename "$0"): $*"
    exit 1
}

# as_root COMMAND...: run it with the rights to install packages.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@" </dev/null
    elif command -v sudo >/dev/null; then
        sudo "$@" </dev/null
    else
        die "needs root once: $*"
    fi
}

# missing_packages NAME...: those that dpkg does not have. node and npm may
# come from elsewhere than Debian, so for them the command counts.
missing_packages()
{
    # shellcheck disable=SC2016 # dpkg-query's own variables
    have=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" \
        2>/dev/null | sed -n 's/^ii //p')
    for package in "$@"; do
        case $package in
        nodejs) command -v node >/dev/null && continue ;;
        npm) command -v npm >/dev/null && continue ;;
        esac
        # Read to the end (no -q): under pipefail printf's SIGPIPE would count.
        printf '%s\n' "$have" | grep -xF "$package" >/dev/null ||
            echo "$package"
    done
}

# install_packages NAME...: what is missing, by apt-get.
install_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        say 'not a Debian system: configure will say what is missing'
        return 0
    fi
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [ -n "$missing" ]; then
        say "installing: $missing"
        as_root apt-get -q update >&2
        # shellcheck disable=SC2086 # a list of words
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
            --no-install-recommends install $missing >&2
    fi
}

# fetch_front_end TOP: the packages of package-lock.json, unless node_modules
# is as new as the lock file.
fetch_front_end()
{
    lock=$1/package-lock.json
    have=$1/node_modules/.package-lock.json
    if [ -f "$have" ] && [ -z "$(find "$lock" -newer "$have")" ]; then
        return 0
    fi
    command -v npm >/dev/null || die 'npm is missing (Debian: npm)'
    say 'fetching the front-end packages'
    (cd "$1" && npm ci --no-progress </dev/null >&2) || die 'npm ci failed'
    touch "$have"
}

# build TOP BUILD TARGETS CONFIGURE-OPTION...: make TARGETS in the folder
# BUILD. Two runs at once take turns.
build()
{
    top=$1
    build=$2
    targets=$3
    shift 3
    mkdir -p "$build"
    (
        flock 9
        [ -x "$top/configure" ] || "$top/bootstrap"
        cd "$build"
        [ -f Makefile ] || "$top/configure" -q --prefix=/usr "$@"
        # shellcheck disable=SC2086 # a list of words
        make -s -j"$(nproc)" $targets
    ) 9>"$build/.lock" >&2 || die 'the build failed'
}

# open_to_all DIR: can others enter DIR? httpd's children, who are somebody
# else when root starts it, must.
open_to_all()
{
    [ "$(id -u)" -ne 0 ] || setpriv --reuid nobody --regid nogroup \
        --clear-groups test -x "$1"
}

# stage BUILD DIR: install below DIR, leaving no data of an older version.
stage()
{
    (
        flock 9
        rm -rf "$2/usr/share/clinicportal"
        make -s -C "$1" install DESTDIR="$2" >"$1/install.log" 2>&1
    ) 9>"$1/.lock" || die "make install failed: see $1/install.log"
}
