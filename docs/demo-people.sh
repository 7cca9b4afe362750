# The last part of docs/demo.sh, which sources it: the server runs on the sample, and people of different roles ask it.
# It wants $program, $directory, $sample, command_line and fitting.

readonly listen=127.0.0.1:0
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

# METHOD PATH [BODY] [curl option…]: the answer.
request() {
  local method=$1 path=$2 body=${3:-}
  shift $(($# < 3 ? $# : 3))
  curl --silent --show-error --cacert "$directory/tls.crt" --request "$method" "$@" \
    ${body:+--header "Content-Type: application/json" --data "$body"} "$address$path"
}

# NAME PASSWORD SECRET: what the next requests of that person need is in $directory/NAME.
log_in() {
  local answer later
  for later in 0 1; do  # a code counts once: that of the next step is right too
    answer=$(request POST /api/v1/login "{\"name\":\"$1\",\"password\":\"$2\",\"code\":\"$(code_of "$3" $later)\"}" \
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
  secret=$("$program" account "$sample" add "$1" --employee "weerbaar-$1" --json <<<"$first_password" | secret_in)
  "$program" account "$sample" give-role "$1" "$1"
  log_in "$1" "$first_password" "$secret"
  secret=$(request POST /api/v1/me/secrets "{\"password\":\"$first_password\",\"new_password\":\"$own_password\"}" \
    --header "@$directory/$1" | secret_in)
  log_in "$1" "$own_password" "$secret"
}

# JSON that can be broken into lines.
spaced() {
  sed 's/,\(["{0-9[]\)/, \1/g'
}

# WHO METHOD PATH [BODY]: shows how it is asked, and the beginning of the answer, which is also in $answer.
as() {
  local who=$1 method=$2 path=$3 body=${4:-} shown
  local -a command=(curl --cacert "$directory/tls.crt" -H "@$directory/$who")
  if [[ $body ]]; then
    command+=(--json "$body")
  elif [[ $method != GET ]]; then
    command+=(-X "$method")
  fi
  command+=("$address$path")
  echo
  command_line "${command[@]}"
  answer=$("${command[@]}" --silent --show-error --write-out '\n%{http_code}')
  shown=$(tr -s ' \n' ' ' <<<"${answer%$'\n'*}" | spaced)
  if ((${#shown} > 400)); then
    shown=${shown:0:400}
    shown="${shown% } …"
  fi
  printf '%s: %s\n' "${answer##*$'\n'}" "$shown" | fitting
}

start_server() {
  local token
  token=$("$program" token desk --application --json)
  printf '\n[[serve.application]]\nname = "desk"\ntoken_sha256 = "%s"\nsystems = ["%s"]\n' \
    "$(field token_sha256 <<<"$token")" "$1" >>"$sample/weerbaar.toml"
  printf 'Authorization: Bearer %s\n' "$(field token <<<"$token")" >"$directory/desk"
  ln -s sample.keys/tls.crt "$directory/tls.crt"
  : >"$directory/log"  # is there before the server is
  "$program" serve "$sample" --listen "$listen" 2>"$directory/log" &
  server=$!
  for _ in {1..600}; do
    address=$(sed -nE 's/.*"event":"listening".*"port":([0-9]+).*/https:\/\/localhost:\1/p' "$directory/log" | head -n 1)
    [[ -z $address ]] || break
    kill -0 "$server" || { cat "$directory/log"; return 1; }
    sleep 0.1
  done
}

stop_server() {
  [[ -n ${server:-} ]] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" || true
  server=
}
