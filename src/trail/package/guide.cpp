#include "trail/package/guide.h"

#include <fmt/format.h>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kReadmeChosen = R"(BEWIJSPAKKET / EVIDENCE PACKAGE

STATEMENT.nl.md  wat de regels zeggen, wat dat bewijst en waarop het berust
STATEMENT.en.md  what the entries say, what that proves and what it rests on
VERIFY.nl.md     hoe u dit zelf controleert, met Python 3 en OpenSSL
VERIFY.en.md     how to check this yourself, with Python 3 and OpenSSL

entries/N.cbor        regel N van het logboek, byte voor byte (CBOR, RFC 8949)
                      entry N of the log, byte for byte
entries/N.json        dezelfde regel, leesbaar
                      the same entry, readable
proofs/N.tlog-proof   het bewijs dat regel N in de boom staat (c2sp.org/tlog-proof@v1)
                      the proof that entry N stands in the tree
checkpoint            grootte en wortel van de boom, ondertekend (c2sp.org/tlog-checkpoint)
                      size and root of the tree, signed
key.vkey              de sleutel die bij de handtekening hoort (c2sp.org/signed-note)
                      the key that belongs to the signature
manifest.json         de vraag, en elk ander bestand met zijn SHA-256
                      the question, and every other file with its SHA-256
)";

constexpr std::string_view kReadmeAnswer = R"(BEWIJSPAKKET / EVIDENCE PACKAGE

STATEMENT.nl.md  wie de gegevens van deze persoon raadpleegde, wat dat bewijst en waarop het berust
STATEMENT.en.md  who consulted the data of this person, what that proves and what it rests on
VERIFY.nl.md     hoe u dit zelf controleert, met Python 3 en OpenSSL
VERIFY.en.md     how to check this yourself, with Python 3 and OpenSSL

answer.json           de pseudoniemen en de tijd, en het bewijs dat er niet meer is
                      the pseudonyms and the time, and the proof that there is no more
entries/N.cbor        regel N van het logboek, byte voor byte (CBOR, RFC 8949)
                      entry N of the log, byte for byte
entries.jsonl         dezelfde regels, leesbaar
                      the same entries, readable
proofs/N.tlog-proof   het bewijs dat regel N in de boom staat (c2sp.org/tlog-proof@v1)
                      the proof that entry N stands in the tree
checkpoint            grootte en wortel van de boom, ondertekend (c2sp.org/tlog-checkpoint)
                      size and root of the tree, signed
key.vkey              de sleutel die bij de handtekening hoort (c2sp.org/signed-note)
                      the key that belongs to the signature
manifest.json         de vraag, en elk ander bestand met zijn SHA-256
                      the question, and every other file with its SHA-256
)";

constexpr std::string_view kCommands = R"(```sh
python3 -m zipfile -e package.zip package
cut -d+ -f3- package/key.vkey | base64 -d | tail -c 32 > key.raw
printf '\060\052\060\005\006\003\053\145\160\003\041\000' | cat - key.raw > key.der
openssl pkey -pubin -inform DER -in key.der -out key.pem
sed '/^$/,$d' package/checkpoint > text
grep -F "— $(cut -d+ -f1 package/key.vkey) " package/checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > signature
openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature
```
)";

constexpr std::string_view kListingHead = R"(```python
import base64, hashlib, json, sys, zipfile

def sha(data):
    return hashlib.sha256(data).digest()

def root_of(index, size, node, proof):  # RFC 9162, section 2.1.3.2
    left, last = index, size - 1
    for other in proof:
        if last == 0:
            return None
        if left & 1 or left == last:
            node = sha(b"\x01" + other + node)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            node = sha(b"\x01" + node + other)
        left, last = left >> 1, last >> 1
    return node if last == 0 else None
)";

// Version 2 looks into entries, and so reads CBOR.
constexpr std::string_view kListingCbor = R"(
import datetime, struct

def cbor(data):  # RFC 8949: gives a value, and what stands behind it
    kind, small, data = data[0] >> 5, data[0] & 31, data[1:]
    if small > 23:
        width = 1 << small - 24
        small, data = int.from_bytes(data[:width], "big"), data[width:]
    if kind < 2:
        return (small if kind == 0 else -1 - small), data
    if kind < 4:
        return (data[:small] if kind == 2 else data[:small].decode()), data[small:]
    if kind == 7:
        return {20: False, 21: True}.get(small), data
    items = []
    for _ in range(small * (1 if kind == 4 else 2)):
        item, data = cbor(data)
        items.append(item)
    return (items if kind == 4 else dict(zip(items[::2], items[1::2]))), data
)";

constexpr std::string_view kListingEntries = R"(
package = zipfile.ZipFile(sys.argv[1])
names = package.namelist()
listed = {f["name"]: f["sha256"] for f in json.loads(package.read("manifest.json"))["files"]}
wrong = 0
if sorted(names) != sorted([*listed, "manifest.json"]):
    print("WRONG: the files are not those of the manifest")
    wrong += 1
for name, digest in listed.items():
    if name in names and sha(package.read(name)).hex() != digest:
        print("WRONG:", name, "is not the file of the manifest")
        wrong += 1

checkpoint = package.read("checkpoint").decode()
origin, size, root = checkpoint.split("\n")[:3]
size, root = int(size), base64.b64decode(root)
print("log", origin, "size", size, "root", root.hex())
for name in [n for n in names if n.endswith(".cbor")]:
    number = name[len("entries/"):-len(".cbor")]
    text = package.read("proofs/" + number + ".tlog-proof").decode()
    head, _, signed = text.partition("\n\n")
    kind, index, *proof = head.split("\n")
    good = kind == "c2sp.org/tlog-proof@v1" and index == "index " + str(int(number))
    good = good and int(number) < size and signed == checkpoint
    leaf = sha(b"\x00" + package.read(name))
    good = good and root_of(int(number), size, leaf, [base64.b64decode(h) for h in proof]) == root
    print("entry", int(number), "stands in the tree" if good else "IS NOT PROVEN")
    wrong += not good
)";

constexpr std::string_view kListingAnswer = R"(
def complain(*what):
    global wrong
    print("WRONG:", *what)
    wrong += 1

def micros(text):  # of 2026-03-02T07:14:03.412Z, with nanoseconds
    text, _, fraction = text[:-1].partition(".")
    whole = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)
    fraction = int(fraction.ljust(9, "0"))
    return (whole // datetime.timedelta(microseconds=1) + fraction // 1000, fraction % 1000)

def moment(time):  # of an entry
    return tuple(time) if isinstance(time, list) else (time, 0)

def in_range(time):
    return (not answer["from"] or time >= micros(answer["from"])) and (not answer["to"] or time < micros(answer["to"]))

def is_leaf(leaf, key, postings_hash, index):  # stands in the tree over an index
    data = len(key).to_bytes(2, "big") + key + postings_hash
    path = [bytes.fromhex(h) for h in leaf["path"]]
    inside = leaf["position"] < index["keys"]
    return inside and root_of(leaf["position"], index["keys"], sha(b"\x00" + data), path).hex() == index["root"]

def is_absent(proof, key, index):  # the two leaves beside its place are neighbours
    before, behind = proof.get("before"), proof.get("behind")
    place = before["position"] + 1 if before else 0
    good = behind["position"] == place if behind else place == index["keys"]
    good = good and (not before or bytes.fromhex(before["key"]) < key)
    good = good and (not behind or bytes.fromhex(behind["key"]) > key)
    for leaf in filter(None, (before, behind)):
        good = good and is_leaf(leaf, bytes.fromhex(leaf["key"]), bytes.fromhex(leaf["postings_sha256"]), index)
    return good and (index["keys"] or index["root"] == sha(b"").hex())

answer = json.loads(package.read("answer.json"))
entries = {int(n[8:-5]): cbor(package.read(n))[0] for n in names if n.endswith(".cbor")}
keys = [bytes.fromhex(k) for k in answer["pseudonyms"]]
indexes, indexed = [], 0
for number in answer["indexes"]:  # one behind the other, without a gap
    record = entries.get(number, {})
    index = json.loads(record[3]) if record.get(0) == 1 and record.get(1) == "index" else {}
    if index.get("first") != indexed or number < index["end"]:
        complain("the indexes do not follow each other at the record in entry", number)
        break
    indexes.append(index)
    indexed = index["end"]
needed = [(i, k) for i, index in enumerate(indexes) for k, key in enumerate(keys)
          if int.from_bytes(key[1:3], "big") in index["periods"]]
proofs, named = answer["proofs"], {}
if needed != [(p["index"], p["pseudonym"]) for p in proofs]:
    complain("there is not one proof for each pseudonym in each index that has its period")
    proofs = []
for proof in proofs:
    index, key, leaf = indexes[proof["index"]], keys[proof["pseudonym"]], proof.get("present")
    postings = bytes.fromhex(leaf["postings"]) if leaf else b""
    good = is_leaf(leaf, key, sha(postings), index) if leaf else is_absent(proof, key, index)
    if not good:
        complain("what index", proof["index"], "holds for pseudonym", proof["pseudonym"], "is not proven")
    for at in range(0, len(postings), 18):
        number, micro, nano = struct.unpack(">QqH", postings[at:at + 18])
        if in_range((micro, nano)):
            named[number] = (micro, nano)
if sum(number >= indexed for number in entries) != size - indexed:
    complain("entries behind the indexes are missing")
for number in named.keys() - entries.keys():
    complain("entry", number, "is named by an index and missing")
periods, accesses = {p for index in indexes for p in index["periods"]}, 0
for number, entry in sorted(entries.items()):
    of_person = False
    if 0 not in entry:  # an access, and no record
        periods.add(entry[4])
        head = b"\x01" + entry[4].to_bytes(2, "big")
        subjects = [head + bytes([s[0], 1]) + s[1].to_bytes(8, "big") if isinstance(s[1], int) else
                    head + bytes([s[0], 0]) + s[1] for s in entry.get(17, [])]
        of_person = any(s in keys for s in subjects) and in_range(moment(entry[2]))
        accesses += of_person
    named_rightly = of_person and named.get(number) == moment(entry[2])
    if number < indexed and number not in answer["indexes"] and not named_rightly:
        complain("entry", number, "does not belong to the answer")
missing = sorted(periods - {int.from_bytes(key[1:3], "big") for key in keys})
print("accesses:", accesses, "and no others" if not wrong else "AND IT IS NOT PROVEN THAT THERE ARE NO OTHERS")
for period in missing:
    print("not shown for", str(period // 4) + "-Q" + str(period % 4 + 1) + ": no pseudonym of it is given")
)";

constexpr std::string_view kListingEnd = R"(sys.exit(1 if wrong else 0)
```
)";

// {0}: the commands, {1}: the listing.
constexpr std::string_view kEnglish = R"(# Checking this package by hand

You need Python 3 and OpenSSL 3, and nothing of the one who made the package. Where you have the program, one command
does all of this and more: `weerbaar verify-package package.zip`.

## 1. The key

`key.vkey` holds one line: the name of the log, the number of the key, and the key. Compare it with the key that you got
from elsewhere: published by the holder of the log, or kept by an auditor. Without that comparison all that follows
proves only that the package agrees with itself.

## 2. The signature

The checkpoint is a text, an empty line, and a signature over the text (Ed25519). These commands turn the key into the
form that OpenSSL reads (12 fixed bytes and the 32 of the key), take text and signature apart, and check them. The last
one must print `Signature Verified Successfully`.

{0}
## 3. The entries

Save this as `verify.py` and run `python3 verify.py package.zip`. It compares every file with the manifest, hashes every
entry (SHA-256 of a zero byte and the entry), goes along its proof to the root of the tree, and compares that root with
the checkpoint. Every entry must print `stands in the tree`, and the exit code must be 0.

{1})";

constexpr std::string_view kEnglishEnd = R"(
## 4. What people read

`entries/N.json` and the statements are made from `entries/N.cbor`, which is what the proof is about. Any reader of CBOR
shows its content; the fields are numbered as in the description of the format. Identities are not in it: it holds
pseudonyms, and only the holder of the keys of the log can translate them. `weerbaar verify-package` compares all the
rest field by field, and makes the statements again.

## 5. What this does not show

That the log holds no other entries that belong to the question; that the systems recorded the truth; that the identities
are translated rightly. See the end of `STATEMENT.en.md`.
)";

constexpr std::string_view kDutch = R"(# Dit bewijspakket met de hand controleren

U hebt Python 3 en OpenSSL 3 nodig, en niets van degene die het pakket heeft gemaakt. Wie het programma heeft, doet dit
alles en meer met één opdracht: `weerbaar verify-package package.zip`.

## 1. De sleutel

`key.vkey` bevat één regel: de naam van het logboek, het nummer van de sleutel, en de sleutel. Vergelijk die met de
sleutel die u van elders hebt: gepubliceerd door de houder van het logboek, of bewaard door een controleur. Zonder die
vergelijking bewijst al het volgende alleen dat het pakket met zichzelf klopt.

## 2. De handtekening

Het checkpoint is een tekst, een lege regel, en een handtekening onder die tekst (Ed25519). Deze opdrachten brengen de
sleutel in de vorm die OpenSSL leest (12 vaste bytes en de 32 van de sleutel), halen tekst en handtekening uit elkaar, en
controleren ze. De laatste moet `Signature Verified Successfully` tonen.

{0}
## 3. De regels

Bewaar dit als `verify.py` en voer `python3 verify.py package.zip` uit. Het vergelijkt elk bestand met het manifest, hasht
elke regel (SHA-256 van een nulbyte en de regel), volgt het bewijs naar de wortel van de boom, en vergelijkt die wortel
met het checkpoint. Bij elke regel moet `stands in the tree` staan, en de exitcode moet 0 zijn.

{1})";

constexpr std::string_view kDutchEnd = R"(
## 4. Wat mensen lezen

`entries/N.json` en de verklaringen zijn gemaakt uit `entries/N.cbor`, en daarover gaat het bewijs. Elke lezer van CBOR
toont de inhoud; de velden zijn genummerd zoals in de beschrijving van het formaat. Identiteiten staan er niet in: er
staan pseudoniemen, en alleen de houder van de sleutels van het logboek kan die vertalen. `weerbaar verify-package`
vergelijkt al het andere veld voor veld, en maakt de verklaringen opnieuw.

## 5. Wat dit niet laat zien

Dat het logboek geen andere regels bevat die bij de vraag horen; dat de systemen de waarheid hebben vastgelegd; dat de
identiteiten juist zijn vertaald. Zie het slot van `STATEMENT.nl.md`.
)";

constexpr std::string_view kEnglishAnswerEnd = R"(
## 4. That there are no others

The same listing checks this, and ends with `accesses: N and no others`. This is what it does.

The log has from time to time made an index: a sorted list of everything by which one looks something up, each with its
places in the log. The root of the tree over that list stands in the log, in an entry of its own (kind `index`). The
entries `indexes` in `answer.json` are such records; their indexes follow each other from entry 0 on, without a gap. For
each index and each pseudonym there is a proof that leads to that root:

- the pseudonym is in the list: its leaf holds the SHA-256 of all its places and times, so that none can be left out;
- the pseudonym is not in the list: the two leaves between which it would stand are next to each other.

Each place with a time in the range asked must be an entry of this package. The last few entries of the log, which are in
no index yet, must all be in this package.

## 5. What people read

`entries.jsonl` and the statements are made from `entries/N.cbor`, which is what the proofs are about. Any reader of CBOR
shows its content; the fields are numbered as in the description of the format. Identities are not in it: it holds
pseudonyms, and only the holder of the keys of the log can translate them. `weerbaar verify-package` compares all the
rest field by field, and makes the statements again.

## 6. What this does not show

That each index is that of its entries: `weerbaar verify` recomputes them from the log, and finds a log that recorded a
false one. That the pseudonyms are those of the person who was meant, and the identities are translated rightly. That the
systems recorded the truth. See the end of `STATEMENT.en.md`.
)";

constexpr std::string_view kDutchAnswerEnd = R"(
## 4. Dat er geen andere zijn

Hetzelfde programma controleert dit, en eindigt met `accesses: N and no others`. Dit is wat het doet.

Het logboek heeft van tijd tot tijd een register gemaakt: een gesorteerde lijst van alles waarop men iets opzoekt, elk met
zijn plaatsen in het logboek. De wortel van de boom over die lijst staat in het logboek, in een eigen regel (soort
`index`). De regels onder `indexes` in `answer.json` zijn zulke aantekeningen; hun registers volgen elkaar op vanaf regel
0, zonder gat. Voor elk register en elk pseudoniem is er een bewijs dat naar die wortel leidt:

- het pseudoniem staat in de lijst: zijn blad bevat de SHA-256 van al zijn plaatsen en tijden, zodat er geen weg kan;
- het pseudoniem staat niet in de lijst: de twee bladeren waartussen het zou staan, staan naast elkaar.

Elke plaats met een tijd binnen de gevraagde tijd moet een regel van dit pakket zijn. De laatste regels van het logboek,
die nog in geen register staan, moeten alle in dit pakket zitten.

## 5. Wat mensen lezen

`entries.jsonl` en de verklaringen zijn gemaakt uit `entries/N.cbor`, en daarover gaan de bewijzen. Elke lezer van CBOR
toont de inhoud; de velden zijn genummerd zoals in de beschrijving van het formaat. Identiteiten staan er niet in: er
staan pseudoniemen, en alleen de houder van de sleutels van het logboek kan die vertalen. `weerbaar verify-package`
vergelijkt al het andere veld voor veld, en maakt de verklaringen opnieuw.

## 6. Wat dit niet laat zien

Dat elk register dat van zijn regels is: `weerbaar verify` berekent ze opnieuw uit het logboek, en vindt een logboek dat
een vals register heeft vastgelegd. Dat de pseudoniemen die van de bedoelde persoon zijn, en de identiteiten juist zijn
vertaald. Dat de systemen de waarheid hebben vastgelegd. Zie het slot van `STATEMENT.nl.md`.
)";

struct Texts {
  std::string_view start;       // {0}: the commands, {1}: the listing
  std::string_view chosen_end;  // of version 1
  std::string_view answer_end;  // of version 2
};

}  // namespace

std::string_view readme_text(unsigned version) {
  return version < 2 ? kReadmeChosen : kReadmeAnswer;
}

std::string verify_text(unsigned version, Language language) {
  const Texts texts = language == Language::kDutch ? Texts{kDutch, kDutchEnd, kDutchAnswerEnd}
                                                   : Texts{kEnglish, kEnglishEnd, kEnglishAnswerEnd};
  std::string listing(kListingHead);
  if (version >= 2) listing += kListingCbor;
  listing += kListingEntries;
  if (version >= 2) listing += kListingAnswer;
  listing += kListingEnd;
  return fmt::format(fmt::runtime(texts.start), kCommands, listing)
      .append(version < 2 ? texts.chosen_end : texts.answer_end);
}

}  // namespace weerbaar::trail
