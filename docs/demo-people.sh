#!/usr/bin/env bash
# What docs/demo.sh needs before people of different roles can ask the server on its sample, and what a newcomer can run
# too. `weerbaar` is on the PATH; the sample is DIR/sample. What a request must bring to be of somebody is left in a
# file DIR/NAME, for curl -H @FILE.
#
#   docs/demo-people.sh application DIR NAME SYSTEM   the settings let the application NAME ask about SYSTEM
#   docs/demo-people.sh enter DIR URL ROLE…           for each role an account that is called as its role is, logged in
#                                                     at the server, which is waited for
set -euo pipefail
umask 077

readonly first_password="eerste woorden 41" own_password="heel iets anders 7"

# The code of RFC 6238 that an app shows: SECRET [STEPS-LATER].
code_of() {
  local key mac step=$(($(date +%s) / 30 + ${2:-0})) padding
  padding=$(printf '%*s' $(((8 - ${#1} % 8) % 8)) '' | tr ' ' '=')
  key=$(printf '%s' "$1$padding" | base32 -d | od -An -tx1 | tr -d ' \n')
  # shellcheck disable=SC2059  # the bytes of the step are written as escapes
  mac=$(printf "$(printf '%016x' "$step" | sed 's/../\\x&/g')" |
    openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //')
  printf '%06d' $(((0x${mac:0x${mac:39:1}*2:8} & 0x7fffffff) % 1000000))
}

# The value of a text field of a JSON object on one line: FIELD < JSON.
field() {
  sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p" | head -n 1
}

secret_in() {
  field otpauth_uri | sed -E 's/.*[?&]secret=([A-Z2-7]+).*/\1/'
}

# PATH BODY [curl option…]: the answer.
post() {
  local path=$1 body=$2
  shift 2
  curl --silent --show-error --cacert "$directory/sample.keys/tls.crt" --json "$body" "$@" "$url$path"
}

# NAME PASSWORD SECRET: what the next requests of that person need is in $directory/NAME.
log_in() {
  local answer later
  for later in 0 1; do  # a code counts once: that of the next step is right too
    answer=$(post /api/v1/login "{\"name\":\"$1\",\"password\":\"$2\",\"code\":\"$(code_of "$3" $later)\"}" \
      --dump-header "$directory/headers")
    [[ $answer != *csrf_token* ]] || break
  done
  {
    sed -nE 's/^[Ss]et-[Cc]ookie: ([^;]*).*/Cookie: \1/p' "$directory/headers" | tr -d '\r'
    echo "X-CSRF-Token: $(field csrf_token <<<"$answer")"
    echo "Accept-Language: en"
  } >"$directory/$1"
}

# ROLE: an account that is called as its role is, and its session.
enter() {
  local secret
  secret=$(weerbaar account "$directory/sample" add "$1" --employee "weerbaar-$1" --json <<<"$first_password" |
    secret_in)
  weerbaar account "$directory/sample" give-role "$1" "$1"
  log_in "$1" "$first_password" "$secret"
  secret=$(post /api/v1/me/secrets "{\"password\":\"$first_password\",\"new_password\":\"$own_password\"}" \
    --header "@$directory/$1" | secret_in)
  log_in "$1" "$own_password" "$secret"
}

wait_for_server() {
  local _
  for _ in {1..600}; do
    ! curl --silent --output /dev/null --cacert "$directory/sample.keys/tls.crt" "$url/health" || return 0
    sleep 0.1
  done
  echo "no server answers at $url" >&2
  return 1
}

application() {
  local token
  token=$(weerbaar token "$1" --application --json)
  printf '\n[[serve.application]]\nname = "%s"\ntoken_sha256 = "%s"\nsystems = ["%s"]\n' \
    "$1" "$(field token_sha256 <<<"$token")" "$2" >>"$directory/sample/weerbaar.toml"
  printf 'Authorization: Bearer %s\n' "$(field token <<<"$token")" >"$directory/$1"
}

what=${1:-} directory=${2:-}
case $what:$# in
  application:4) application "$3" "$4" ;;
  enter:[4-9])
    url=$3
    wait_for_server
    for role in "${@:4}"; do enter "$role"; done
    ;;
  *)
    sed -n 's/^# \?//; 2,9p' "$0" >&2
    exit 2
    ;;
esac
