#!/usr/bin/env bash
# What ./dev demo shows a newcomer, in a terminal of 100 columns: docs/demo.sh PROGRAM. Everything is made in a temporary
# directory, and taken away afterwards. Each command that is shown can be pasted in a shell.
#
# First evidence: the audit log of a real PostgreSQL server goes in, a question is answered, the answer is proven, and a
# forgery is found. How the log was made: tests/fixtures/pgaudit/capture.sh. Then judgement: a sample tax administration
# is checked, ranked, and asked for the source of a leak. In the end the server runs on the sample, and people of
# different roles ask it; in a terminal it goes on until Enter is pressed.
set -euo pipefail

program=$(realpath "$1")
readonly program
PATH=$(dirname "$program"):$PATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."
directory=$(mktemp -d)
readonly directory
readonly sample=$directory/sample
trap 'stop_server; rm -rf "$directory"' EXIT

# Breaks lines of prose at 100 columns, as far in as they began. Rows of tables, which have two spaces inside, are cut.
fitting() {
  awk -v width=100 '
    {
      match($0, /^([0-9]+[.] |[A-Z][a-z]+: |WRONG  )? */)
      inside = substr($0, RLENGTH + 1)
      if (length($0) <= width) { print; next }
      if (inside ~ /  /) { print substr($0, 1, width - 1) "…"; next }
      margin = sprintf("%" RLENGTH "s", "")
      line = substr($0, 1, RLENGTH)
      used = 0
      count = split(inside, words, " ")
      for (i = 1; i <= count; ++i) {
        if (used && length(line) + 1 + length(words[i]) > width) { print line; line = margin; used = 0 }
        line = line (used ? " " : "") words[i]
        used = 1
      }
      print line
    }'
}

tell() {
  printf '\n\n'
  tr -s ' \n' ' ' <<<"$*" | sed 's/ $/\n/' | fitting
}

# A word of a command as a shell takes it: in quotes where it must be, and JSON with a member a line.
quoted() {
  local word=${1//"'"/"'\\''"}
  if [[ $word == *[!A-Za-z0-9_.,:=@%+/-]* ]]; then
    [[ $word != '{'* ]] || word=${word//', "'/,$'\n\"'}
    printf "'%s'\n" "$word"
  else
    printf '%s\n' "${word//"$directory"/\$DIR}"
  fi
}

# A command as it can be pasted, in lines of at most 100 columns, of which those that go on end in a backslash. Within
# the quotes of JSON a line ends after a comma.
command_line() {
  local word piece line='$' end
  for word; do
    end=" \\"
    while IFS= read -r piece; do
      if ((${#line} + ${#piece} > 97)); then
        printf '%s%s\n' "$line" "$end"
        line='   '
      fi
      line+=" $piece"
      end=
    done < <(quoted "$word")
  done
  printf '%s\n' "$line"
}

step() {
  echo
  command_line weerbaar "$@"
  # Line by line, so that what it says aside stands where it says it.
  stdbuf -oL "$program" "$@" 2>&1 | sed "s|$directory|\$DIR|g" | fitting
}

# A command that is shown and run, without Weerbaar's name in front of it.
plainly() {
  echo
  command_line "$@"
  "$@"
}

beginning() {
  tell "Each command below can be pasted in a shell that began with these three lines. \$DIR is the directory in which all is made, and
   it is taken away at the end: to do it all again, take an empty one of your own. Step 19 then takes the pseudonym and the
   number that your own server gave."
  printf "\n\$ cd %q\n\$ PATH=%q:\$PATH\n\$ DIR=%q\n" "$PWD" "$(dirname "$program")" "$directory"
}

evidence() {
  local data=$directory/data citizen=999914479 log=tests/fixtures/pgaudit file
  tell "1. A data directory is made, with its keys and the certificate of its server beside it."
  step init "$data" --origin demo.weerbaar.example
  tell "2. The audit log of a PostgreSQL server goes in: a week at a tax collection desk. Nobody changed the
   application."
  step ingest "$data" --format pgaudit --mapping $log/demo-mapping.toml $log/demo.csv
  tell "3. Who consulted the data of citizen $citizen? Without the keys everybody is a pseudonym."
  step consultations "$data" --of "bsn:$citizen" --reason "question of the citizen"
  tell "4. With the keys: four employees. Three worked on a case; u104790 had none, and looked late in the
   evening. The last line is our own question of step 3."
  step consultations "$data" --of "bsn:$citizen" --keys "$data.keys" --case Z-2026-0012
  tell "5. What else did u104790 look at?"
  step consultations "$data" --by u104790 --keys "$data.keys" --case Z-2026-0012
  tell "6. How much is done on which day? Counting shows nobody."
  step count "$data" --group-by day,action --where 'source!=self'
  tell "7. Is everything still what it was? Each byte is recomputed."
  step verify "$data"
  tell "8. Evidence for a court: every access, and the proof that there are no others. A ZIP file that an expert
   checks without us; it says how to do it by hand, too."
  step prove "$data" --of "bsn:$citizen" --keys "$data.keys" --case Z-2026-0012 -o "$directory/evidence.zip"
  step verify-package "$directory/evidence.zip"
  tell "9. An administrator changes one byte of the trail. It is found, and named."
  file=$(find "$data/trail/tail" -type f | head -n 1)
  printf '\n$ %s | dd %s \\\n    %s\n' "printf '\377'" "of=\$DIR${file#"$directory"}" \
    "bs=1 seek=3000 conv=notrunc status=none"
  printf '\377' | dd of="$file" bs=1 seek=3000 conv=notrunc status=none
  step verify "$data" || true
}

# The first list that leaked in the sample, and when it was found: LIST MOMENT.
first_leak() {
  sed -nE 's|.*"leak_file":"(leaks/1.txt)","leaked_at":"([^"]*)".*|\1 \2|p' "$1/truth.jsonl"
}

judgement() {
  local list found
  tell "10. Who looks without need? That takes a whole organisation. So here is a tax administration that does not
   exist: 300 employees in eight weeks. Who works where and handles which case goes into the register; what they
   consulted goes into the trail; and nine cases of misuse are hidden among it."
  step sample "$sample" --employees 300 --days 56 --seed 1
  tell "11. What counts as a reason to look? The organisation adopts that as its control policy: eighteen rules that
   come with the program, such as: who handles a case may see whom it is about."
  step policy "$sample" adopt --name "Control policy" --on 2026-01-05
  tell "12. Every access is judged by it. The work explains nearly all. What it does not explain is no misuse yet:
   mostly a fact that nobody recorded."
  step check "$sample"
  tell "13. With whom is a conversation due? Of all that is unexplained a few signals are made, as many as can be
   talked about, the strongest first. Each says why, and proves nothing. Some are drawn by lot, to see what the
   ranking misses."
  step signals "$sample" --keys "$sample.keys" --reason "fortnightly meeting"
  read -r list found < <(first_leak "$sample")
  tell "14. A list of citizens turns up where it should not be. Who may be the source? Not who saw most people, but
   whose looks fit the list: SEEN is how many of them somebody saw, and EXPECTED how many the work would give."
  step trace "$sample" --leaked "$sample/$list" --before "$found" --keys "$sample.keys" --top 2 --case Z-2026-0013
  tell "15. Were we right? Of a sample it is known who did what. The list of step 14 is that of the address_seller; at
   the top of the signals is the mass_export. What stayed unseen here, over ten larger samples: docs/evaluation.md."
  echo
  sed -nE 's/^\{"kind":"([^"]*)","actors":\[([^]]*)\].*/\1 \2/p' "$sample/truth.jsonl" | tr -d '"' |
    while read -r kind employees; do printf '   %-19s%s\n' "$kind" "${employees//,/ and }"; done
}

people() {
  local seller system=$1 month number
  seller=$(employee_of address_seller)
  leaked=$(head -n 1 "$sample/$(first_leak "$sample" | cut -d' ' -f1)")
  tell "16. Now the server. It takes events in over TLS, tells applications whether an employee may open a person, and
   answers people. Each has a role, a password, and a code from an app. A script makes a token for an application, and accounts
   that it logs in, as docs/people.md tells: \$DIR/manager is then the session of the manager. In front of each answer stands its status."
  plainly docs/demo-people.sh application "$directory" desk "$system"
  start_server
  plainly docs/demo-people.sh enter "$directory" "$address" manager analyst investigator data-protection-officer \
    administrator citizens-desk
  tell "17. A manager sees what a check covered. What came of it is told to who may see signals; a manager has the
   report of step 22. An administrator, who runs it all, sees nothing that was recorded."
  as manager GET /api/v1/checks
  as administrator GET /api/v1/signals
  tell "18. An analyst sees with whom a conversation is due, as a pseudonym."
  as analyst GET /api/v1/signals
  tell "19. Who the first of them is, an investigator learns when a second person has agreed, who is not told either: a
   mandate with a case, a ground and an end. Every look is evidence, and stands in the same trail."
  pseudonym=$(sed -nE 's/^[^~]*"actor":"([^"]*)".*/\1/p' <<<"$answer")
  as investigator POST /api/v1/mandates "{\"case\":\"Z-2026-0013\", \"ground\":\"signal 1\", \"about\":\"employee:$pseudonym\", \"from\":\"$(date -u +%FT00:00:00Z)\", \"to\":\"$(date -u -d '+7 days' +%FT00:00:00Z)\"}"
  number=$(sed -nE 's/.*"number":([0-9]+).*/\1/p' <<<"$answer" | head -n 1)
  as investigator GET "/api/v1/mandates/$number?reveal=true"
  as data-protection-officer POST "/api/v1/mandates/$number/approval"
  as investigator GET "/api/v1/mandates/$number?reveal=true"
  suspect=$(field about <<<"$answer")
  suspect=${suspect#employee:}
  as investigator POST /api/v1/consultations "{\"by\":\"$suspect\", \"limit\":1, \"reveal\":true}"
  tell "20. An application asks before it shows anything: may $seller open $leaked in $system? Nothing in the work of this employee
   explains it, so the application must ask for a reason, and the answer is on record."
  as desk POST /access/v1/evaluation "{\"subject\":{\"type\":\"employee\", \"id\":\"$seller\"}, \"action\":{\"name\":\"read\"}, \"resource\":{\"type\":\"${leaked%%:*}\", \"id\":\"${leaked#*:}\"}, \"context\":{\"system\":\"$system\"}}"
  tell "21. The citizen asks which data was consulted. The desk that answers sees when, in which system and for what, and
   nothing that leads to a colleague: it cannot be used to look up who it was."
  as citizens-desk POST /api/v1/overviews "{\"of\":\"$leaked\", \"request\":\"2026-17\"}"
  month=2026-01
  tell "22. The works council and the board get a report of a month, in which nobody can be found."
  as manager GET "/api/v1/reports/$month"
}

# JSON that can be broken into lines.
spaced() {
  sed 's/,\(["{0-9[]\)/, \1/g'
}

# The value of a text field of a JSON object on one line: FIELD < JSON.
field() {
  sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p" | head -n 1
}

# WHO METHOD PATH [BODY]: shows how it is asked, and the beginning of the answer, which is also in $answer.
as() {
  local who=$1 method=$2 path=$3 body=${4:-} shown
  local -a command=(curl --cacert "$sample.keys/tls.crt" -H "@$directory/$who")
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

# At the port that is usual, or another one when that is taken. Its log is $DIR/log.
start_server() {
  local port=8443
  while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((20000 + RANDOM % 10000)); done
  address=https://localhost:$port
  printf "\n\$ weerbaar serve \$DIR/sample --listen 127.0.0.1:%s 2>\$DIR/log &\n" "$port"
  "$program" serve "$sample" --listen "127.0.0.1:$port" 2>"$directory/log" &
  server=$!
}

stop_server() {
  [[ -n ${server:-} ]] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" || true
  server=
}

# KIND: the first employee of the misuse that was planted.
employee_of() {
  sed -nE "s/^\{\"kind\":\"$1\",\"actors\":\[\"([^\"]*)\".*/\1/p" "$sample/truth.jsonl" | head -n 1
}

try_it() {
  local ask="curl -H"
  if [[ ! -t 0 || ! -t 1 ]]; then
    tell "In a terminal the server would run on now, until Enter is pressed: for all of these commands, and for a browser at
     $address/api/v1/docs, which tells all that it can be asked. This is no terminal: it is stopped, and \$DIR taken away."
    return
  fi
  tell "The server runs. In a browser open $address/api/v1/docs, which tells all that it can be asked; the certificate is
   one that it made itself. Or ask it in another terminal:"
  cat <<END

   cd $directory; at=$address/api/v1
   export CURL_CA_BUNDLE=sample.keys/tls.crt
   $ask @manager -H 'Accept: application/pdf' -o report.pdf \$at/reports/2026-01
   $ask @analyst \$at/signals
   $ask @analyst --json '{"by":"$pseudonym"}' \$at/consultations
   $ask @investigator --json '{"by":"$suspect","reveal":true}' \$at/consultations
   $ask @citizens-desk --json '{"of":"$leaked","request":"2026-18"}' \\
     \$at/overviews
   $ask @data-protection-officer \$at/mandates
   $ask @administrator \$at/accounts
END
  tell "Press Enter to stop it; everything is taken away then."
  read -r || true
}

beginning
evidence
judgement
people BVR
try_it
tell "That was the whole road. Your own logs: ./dev run init …, then ./dev run ingest …; README.md tells more."
