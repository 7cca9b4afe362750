#include "trail/privacy/ff1.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"

// Names follow the standard where that is clearest: n digits are split into u and v; b bytes hold the number of v
// digits; d bytes of pseudorandom output S are read as the number y; P and Q are the blocks that AES chains over.
//
// The standard swaps its halves A and B after each round. Here they stay where they are: even rounds change the left
// half by a function of the right one, odd rounds the other way round, which after ten rounds is the same.

namespace weerbaar::trail {
namespace {

constexpr unsigned kRounds = 10;
// Inputs that share one call to AES: enough to keep its pipeline full, few enough to stay in the first-level cache.
constexpr size_t kLanes = 64;

using Block = std::array<uint8_t, kAesBlockBytes>;

constexpr size_t ceil_div(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// The first block of the chain: everything about the input but its digits.
Block block_p(uint32_t radix, size_t n, size_t tweak_bytes) {
  Block p = {1, 2, 1};
  p[3] = static_cast<uint8_t>(radix >> 16U);
  store_be(p.data() + 4, static_cast<uint16_t>(radix));
  p[6] = static_cast<uint8_t>(kRounds);
  p[7] = static_cast<uint8_t>(n / 2);
  store_be(p.data() + 8, static_cast<uint32_t>(n));
  store_be(p.data() + 12, static_cast<uint32_t>(tweak_bytes));
  return p;
}

void xor_into(uint8_t* to, const uint8_t* from) {
  for (size_t i = 0; i < kAesBlockBytes; ++i) to[i] = static_cast<uint8_t>(to[i] ^ from[i]);
}

// Decryption undoes the rounds in reverse.
constexpr unsigned round_at(unsigned step, bool decrypt) {
  return decrypt ? kRounds - 1 - step : step;
}

// number ± change, modulo `modulus`, where both are below it.
uint64_t shift(uint64_t number, uint64_t change, uint64_t modulus, bool subtract) {
  if (subtract) return number >= change ? number - change : number + modulus - change;
  const uint64_t sum = number + change;
  return sum >= modulus ? sum - modulus : sum;
}

// text ± change modulo 256^size, as big-endian numbers of equal size.
void shift(std::span<uint8_t> text, const uint8_t* change, bool subtract) {
  unsigned carry = 0;
  for (size_t i = text.size(); i-- > 0;) {
    const unsigned value = subtract ? 256U + text[i] - change[i] - carry : 0U + text[i] + change[i] + carry;
    text[i] = static_cast<uint8_t>(value);
    carry = subtract ? 1U - (value >> 8U) : value >> 8U;
  }
}

// --- numbers ---

// With at most 18 digits a half has at most 9, so b <= 4 and d = 8: Q is one block and y the first 8 bytes of R.
static_assert(std::bit_width(power_of_ten(Ff1::kDigitsMax / 2) - 1) <= 32);
static_assert(Ff1::kTweakBytesMax + 1 + sizeof(uint32_t) <= kAesBlockBytes);

struct DigitLanes {
  std::array<uint64_t, kLanes> left;
  std::array<uint64_t, kLanes> right;
  std::array<uint8_t, kLanes * kAesBlockBytes> blocks;
};

// Bytes that hold a number of v digits.
size_t number_bytes(unsigned v) {
  return ceil_div(static_cast<size_t>(std::bit_width(power_of_ten(v) - 1)), 8);
}

// Q of a round, with zeros for the number: tweak ‖ zeros ‖ round ‖ b bytes.
Block block_q(ByteView tweak, unsigned round, size_t b) {
  Block q = {};
  std::ranges::copy(tweak, q.begin());
  q[kAesBlockBytes - 1 - b] = static_cast<uint8_t>(round);
  return q;
}

// One round over all lanes. `base`: what the chain and Q have in common for all of them.
void run_digit_round(const Aes::Borrowed& aes, DigitLanes& lanes, size_t used, const Block& base, bool even,
                     uint64_t modulus, bool decrypt) {
  uint64_t* const changed = even ? lanes.left.data() : lanes.right.data();
  const uint64_t* const read = even ? lanes.right.data() : lanes.left.data();
  const auto head = load_be<uint64_t>(base.data());
  const auto tail = load_be<uint64_t>(base.data() + 8);
  for (size_t i = 0; i < used; ++i) {
    store_be(lanes.blocks.data() + i * kAesBlockBytes, head);
    store_be(lanes.blocks.data() + i * kAesBlockBytes + 8, tail ^ read[i]);
  }
  aes.encrypt(std::span(lanes.blocks).first(used * kAesBlockBytes));
  for (size_t i = 0; i < used; ++i) {
    const auto y = load_be<uint64_t>(lanes.blocks.data() + i * kAesBlockBytes);
    changed[i] = shift(changed[i], y % modulus, modulus, decrypt);
  }
}

// --- texts ---

// What the lengths of a text fix. In radix 256 the number of v digits takes v bytes.
struct TextShape {
  size_t v;
  size_t d;
  size_t q_bytes;

  TextShape(size_t n, size_t tweak_bytes)
      : v(n - n / 2), d(4 * ceil_div(v, 4) + 4), q_bytes(ceil_div(tweak_bytes + 1 + v, 16) * 16) {}

  // One block in, one block out: fit for lock-step.
  [[nodiscard]] bool is_narrow() const { return q_bytes == kAesBlockBytes && d <= kAesBlockBytes; }
};

constexpr size_t kHalfBytesMax = Ff1::kTextBytesMax / 2;
constexpr size_t kQBytesMax = ceil_div(Ff1::kTweakBytesMax + 1 + kHalfBytesMax, 16) * 16;
constexpr size_t kSBytesMax = ceil_div(4 * ceil_div(kHalfBytesMax, 4) + 4, 16) * 16;

// The half that a round changes, and the one that it reads.
struct Halves {
  std::span<uint8_t> changed;
  std::span<const uint8_t> read;

  Halves(std::span<uint8_t> text, unsigned round)
      : changed(round % 2 == 0 ? text.first(text.size() / 2) : text.subspan(text.size() / 2)),
        read(round % 2 == 0 ? text.subspan(text.size() / 2) : text.first(text.size() / 2)) {}
};

// Q = tweak ‖ zeros ‖ round ‖ the half read, in v bytes.
void write_q(std::span<uint8_t> q, ByteView tweak, unsigned round, size_t v, ByteView half) {
  std::ranges::fill(q, uint8_t{0});
  std::ranges::copy(tweak, q.begin());
  q[q.size() - v - 1] = static_cast<uint8_t>(round);
  std::ranges::copy(half, q.end() - static_cast<std::ptrdiff_t>(half.size()));
}

struct TextLanes {
  std::array<std::span<uint8_t>, kLanes> texts;
  size_t used = 0;
  std::array<uint8_t, kLanes * kAesBlockBytes> chains;
  std::array<uint8_t, kLanes * kAesBlockBytes> blocks;
};

void run_narrow(const Aes::Borrowed& aes, TextLanes& lanes, ByteView tweak, bool decrypt) {
  const std::span blocks = std::span(lanes.blocks).first(lanes.used * kAesBlockBytes);
  const std::span chains = std::span(lanes.chains).first(lanes.used * kAesBlockBytes);
  for (size_t i = 0; i < lanes.used; ++i) {
    std::ranges::copy(block_p(256, lanes.texts[i].size(), tweak.size()), chains.subspan(i * kAesBlockBytes).begin());
  }
  aes.encrypt(chains);
  for (unsigned step = 0; step < kRounds; ++step) {
    const unsigned round = round_at(step, decrypt);
    for (size_t i = 0; i < lanes.used; ++i) {
      const std::span block = blocks.subspan(i * kAesBlockBytes, kAesBlockBytes);
      const size_t n = lanes.texts[i].size();
      write_q(block, tweak, round, n - n / 2, Halves(lanes.texts[i], round).read);
      xor_into(block.data(), chains.data() + i * kAesBlockBytes);
    }
    aes.encrypt(blocks);
    for (size_t i = 0; i < lanes.used; ++i) {
      const TextShape shape(lanes.texts[i].size(), tweak.size());
      const Halves halves(lanes.texts[i], round);
      shift(halves.changed, blocks.data() + i * kAesBlockBytes + shape.d - halves.changed.size(), decrypt);
    }
  }
  lanes.used = 0;
}

void run_wide(const Aes::Borrowed& aes, std::span<uint8_t> text, ByteView tweak, bool decrypt) {
  const TextShape shape(text.size(), tweak.size());
  Block chain = block_p(256, text.size(), tweak.size());
  aes.encrypt(chain);
  std::array<uint8_t, kQBytesMax> q_buffer;
  std::array<uint8_t, kSBytesMax> s_buffer;
  const std::span q = std::span(q_buffer).first(shape.q_bytes);
  const std::span s = std::span(s_buffer).first(ceil_div(shape.d, kAesBlockBytes) * kAesBlockBytes);
  for (unsigned step = 0; step < kRounds; ++step) {
    const unsigned round = round_at(step, decrypt);
    const Halves halves(text, round);
    write_q(q, tweak, round, shape.v, halves.read);
    Block r = chain;
    for (size_t at = 0; at < q.size(); at += kAesBlockBytes) {
      xor_into(r.data(), q.data() + at);
      aes.encrypt(r);
    }
    // S = R ‖ AES(R ⊕ 1) ‖ AES(R ⊕ 2) …
    for (size_t at = 0; at < s.size(); at += kAesBlockBytes) {
      std::ranges::copy(r, s.begin() + static_cast<std::ptrdiff_t>(at));
      uint8_t* const low = s.data() + at + kAesBlockBytes - 4;
      store_be(low, load_be<uint32_t>(low) ^ static_cast<uint32_t>(at / kAesBlockBytes));
    }
    aes.encrypt(s.subspan(kAesBlockBytes));
    shift(halves.changed, s.data() + shape.d - halves.changed.size(), decrypt);
  }
}

}  // namespace

Result<Ff1> Ff1::create(ByteView key) {
  WEERBAAR_ASSIGN(Aes aes, Aes::create(key));
  return Ff1(std::move(aes));
}

void Ff1::encrypt_digits(ByteView tweak, unsigned width, std::span<uint64_t> numbers) const {
  run_digits(false, tweak, width, numbers);
}
void Ff1::decrypt_digits(ByteView tweak, unsigned width, std::span<uint64_t> numbers) const {
  run_digits(true, tweak, width, numbers);
}
void Ff1::encrypt_texts(ByteView tweak, std::span<const std::span<uint8_t>> texts) const {
  run_texts(false, tweak, texts);
}
void Ff1::decrypt_texts(ByteView tweak, std::span<const std::span<uint8_t>> texts) const {
  run_texts(true, tweak, texts);
}

void Ff1::run_digits(bool decrypt, ByteView tweak, unsigned width, std::span<uint64_t> numbers) const {
  WEERBAAR_CHECK(width >= kDigitsMin && width <= kDigitsMax && tweak.size() <= kTweakBytesMax);
  const unsigned u = width / 2;
  const unsigned v = width - u;
  const size_t b = number_bytes(v);
  const uint64_t left_modulus = power_of_ten(u);
  const uint64_t right_modulus = power_of_ten(v);
  const Aes::Borrowed aes = aes_.borrow();
  Block chain = block_p(10, width, tweak.size());
  aes.encrypt(chain);
  DigitLanes lanes;
  for (size_t from = 0; from < numbers.size(); from += kLanes) {
    const std::span batch = numbers.subspan(from, std::min(kLanes, numbers.size() - from));
    for (size_t i = 0; i < batch.size(); ++i) {
      lanes.left[i] = batch[i] / right_modulus;
      lanes.right[i] = batch[i] % right_modulus;
      WEERBAAR_CHECK(lanes.left[i] < left_modulus);
    }
    for (unsigned step = 0; step < kRounds; ++step) {
      const unsigned round = round_at(step, decrypt);
      Block base = block_q(tweak, round, b);
      xor_into(base.data(), chain.data());
      const bool even = round % 2 == 0;
      run_digit_round(aes, lanes, batch.size(), base, even, even ? left_modulus : right_modulus, decrypt);
    }
    for (size_t i = 0; i < batch.size(); ++i) batch[i] = lanes.left[i] * right_modulus + lanes.right[i];
  }
}

void Ff1::run_texts(bool decrypt, ByteView tweak, std::span<const std::span<uint8_t>> texts) const {
  WEERBAAR_CHECK(tweak.size() <= kTweakBytesMax);
  const Aes::Borrowed aes = aes_.borrow();
  TextLanes lanes;
  for (const std::span<uint8_t> text : texts) {
    WEERBAAR_CHECK(text.size() >= kTextBytesMin && text.size() <= kTextBytesMax);
    if (!TextShape(text.size(), tweak.size()).is_narrow()) {
      run_wide(aes, text, tweak, decrypt);
      continue;
    }
    lanes.texts[lanes.used++] = text;
    if (lanes.used == kLanes) run_narrow(aes, lanes, tweak, decrypt);
  }
  if (lanes.used > 0) run_narrow(aes, lanes, tweak, decrypt);
}

}  // namespace weerbaar::trail
