#include "trail/package/guide.h"

#include <fmt/format.h>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kReadme = R"(BEWIJSPAKKET / EVIDENCE PACKAGE

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

constexpr std::string_view kListing = R"(```python
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
sys.exit(1 if wrong else 0)
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

{1}
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

{1}
## 4. Wat mensen lezen

`entries/N.json` en de verklaringen zijn gemaakt uit `entries/N.cbor`, en daarover gaat het bewijs. Elke lezer van CBOR
toont de inhoud; de velden zijn genummerd zoals in de beschrijving van het formaat. Identiteiten staan er niet in: er
staan pseudoniemen, en alleen de houder van de sleutels van het logboek kan die vertalen. `weerbaar verify-package`
vergelijkt al het andere veld voor veld, en maakt de verklaringen opnieuw.

## 5. Wat dit niet laat zien

Dat het logboek geen andere regels bevat die bij de vraag horen; dat de systemen de waarheid hebben vastgelegd; dat de
identiteiten juist zijn vertaald. Zie het slot van `STATEMENT.nl.md`.
)";

}  // namespace

std::string_view readme_text() {
  return kReadme;
}

std::string verify_text(Language language) {
  return fmt::format(fmt::runtime(language == Language::kDutch ? kDutch : kEnglish), kCommands, kListing);
}

}  // namespace weerbaar::trail
