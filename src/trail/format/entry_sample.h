// For tests only: one event with every field, as bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace weerbaar::trail::testing {

// Bytes from hexadecimal digits with spaces for the eye.
inline Bytes hex(std::string_view text) {
  std::string digits(text);
  std::erase(digits, ' ');
  return from_hex(digits).value();
}

// Byte for byte what docs/formats/entry.md says, put together by hand.
inline constexpr const char* kGoldenEntry =
    "b81f"                                                               // map of 31 pairs
    " 01 626531"                                                         // id "e1"
    " 02 82 1b00064c0554e9ae20 07"                                       // time: 2026-03-02T07:14:03.412000007Z
    " 03 1b0000019cad659c6c"                                             // received: 2026-03-02T07:14:03.500Z
    " 04 191fa8"                                                         // period 8104: 2026-Q1
    " 05 471bbd0ee2489e5f"                                               // actor id, a pseudonym
    " 06 01"                                                             // actor type: service
    " 07 6a696e737065637465 7572"                                        // function "inspecteur"
    " 08 6b696e6e696e672d77657374"                                       // unit "inning-west"
    " 09 686276722d33323730"                                             // source "bvr-3270"
    " 0a 01"                                                             // action: search
    " 0b 63425652"                                                       // system "BVR"
    " 0c 6742565230323130"                                               // component "BVR0210"
    " 0d 82 6761646472657373 66696e636f6d65"                             // data "address", "income"
    " 0e 6575726e3a61"                                                   // processing activity "urn:a"
    " 0f 666172742e2036"                                                 // legal basis "art. 6"
    " 10 01"                                                             // outcome: denied
    " 11 83"                                                             // three subjects
    " 82 00 1a37665d41"                                                  //   bsn, 929455425
    " 83 00 1a37665d41 67706172746e6572"                                 //   the same, as "partner"
    " 82 03 44deadbeef"                                                  //   vehicle, bytes
    " 12 02"                                                             // records: 2
    " 13 635a2d31"                                                       // case "Z-1"
    " 14 43010203"                                                       // query
    " 15 f5"                                                             // break glass
    " 16 500102030405060708090a0b0c0d0e0f10"                             // trace id
    " 17 481112131415161718"                                             // span id
    " 1818 01"                                                           // marks: the future
    " 1819 441bbd0ee2"                                                   // on behalf of
    " 181a 42aabb"                                                       // reason
    " 181b 4401020304"                                                   // terminal
    " 181c 4405060708"                                                   // ip
    " 181d 6755747265636874"                                             // location "Utrecht"
    " 181e 482122232425262728"                                           // parent span id
    " 181f a3 646c617465 f5 66636f70696573 42abcd 677072696e746572 f6";  // attributes

}  // namespace weerbaar::trail::testing
