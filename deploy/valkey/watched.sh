#!/bin/sh
# A Valkey that sentinels watch, or one of the sentinels: `watched.sh server|sentinel OPTION…`.
#
# Both write into their configuration file whom they follow, so each has a copy on its own volume,
# made of deploy/ha/*.conf the first time; the options count that time alone.
set -eu

kind=$1
shift
copy=/data/$kind.conf

if [ ! -s "$copy" ]; then
    umask 077
    # shellcheck disable=SC2016 # they are the file's words, not this shell's
    # make-secrets makes passwords of A-Z a-z 0-9 - _, which neither sed nor Valkey reads as its own.
    sed -e 's/${VALKEY_PRIMARY_HOST}/valkey/' -e 's/${VALKEY_PRIMARY_PORT}/6379/' \
        -e 's/${VALKEY_PASSWORD}/'"$(cat /run/secrets/redis_password)/" \
        "/etc/valkey/$kind.conf" >"$copy.new"
    for line; do printf '%s\n' "$line" >>"$copy.new"; done
    mv "$copy.new" "$copy"
fi
cd /data
case $kind in
    server) exec valkey-server "$copy" ;;
    sentinel) exec valkey-server "$copy" --sentinel ;;
esac
