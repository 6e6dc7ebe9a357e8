#include "message/signature.h"

#include <algorithm>
#include <span>

namespace postern::message {
namespace {

constexpr std::size_t gram_octets = 4;
constexpr std::size_t bits_a_gram = 2;

// Of four octets; multiplied by 2^32 over the golden ratio, so that neighbours lie far apart.
constexpr std::uint16_t hash(std::uint32_t gram) { return static_cast<std::uint16_t>(gram * 0x9E3779B1U >> 16); }

std::uint32_t follow(std::uint32_t gram, char octet) { return gram << 8 | static_cast<unsigned char>(octet); }

// The bit of a signature that a hash stands for.
struct Bit {
    std::size_t octet;
    unsigned mask;
};
Bit bit(std::uint16_t hash, std::size_t octets) {
    std::size_t const at = std::size_t{hash} * octets * 8 >> 16;
    return {at / 8, 1U << at % 8};
}

// The rules' mark: grams that no text has, enough of them that hardly any signature of other rules has all their bits.
// Other rules get other grams.
constexpr auto rules_mark = [] {
    std::array<std::uint16_t, 16> hashes{};
    for (std::uint32_t at = 0; at < hashes.size(); ++at) hashes[at] = hash(0x01000000 + at);
    return hashes;
}();

bool has(std::string_view signature, std::span<std::uint16_t const> hashes) {
    return std::ranges::all_of(hashes, [signature](std::uint16_t const hash) {
        auto const [octet, mask] = bit(hash, signature.size());
        return (static_cast<unsigned char>(signature[octet]) & mask) != 0;
    });
}

} // namespace

void SignatureMaker::text(TextWalk::Place, std::string_view utf8) {
    folded_.clear();
    folder_.feed(utf8, folded_);
    note(folded_);
}

void SignatureMaker::end_text(TextWalk::Place) {
    folded_.clear();
    folder_.finish(folded_);
    note(folded_);
    last_ = 0;
    seen_ = 0;
}

void SignatureMaker::note(std::string_view folded) {
    for (; seen_ < gram_octets - 1 && !folded.empty(); ++seen_) {
        last_ = follow(last_, folded.front());
        folded.remove_prefix(1);
    }
    if (std::size_t const most = hash_count_ + folded.size(); hashes_.size() < most) hashes_.resize(most);
    // In registers: this is most of what a signature costs. Without a branch, which would often be mispredicted.
    std::uint16_t* const hashes = hashes_.data();
    std::size_t count = hash_count_;
    std::uint32_t last = last_;
    for (char const octet : folded) {
        last = follow(last, octet);
        std::uint16_t const at = hash(last);
        std::uint64_t const met = met_[at / 64], one = std::uint64_t{1} << at % 64;
        hashes[count] = at;
        count += (met & one) == 0 ? 1 : 0;
        met_[at / 64] = met | one;
    }
    hash_count_ = count;
    last_ = last;
}

std::string SignatureMaker::signature() const {
    std::size_t const grams = hash_count_ + rules_mark.size();
    std::string out(std::min(grams * bits_a_gram / 8, signature_limit), '\0');
    auto const put = [&out](std::span<std::uint16_t const> hashes) {
        for (std::uint16_t const hash : hashes) {
            auto const [octet, mask] = bit(hash, out.size());
            out[octet] = static_cast<char>(static_cast<unsigned char>(out[octet]) | mask);
        }
    };
    put(std::span(hashes_).first(hash_count_));
    put(rules_mark);
    return out;
}

bool can_be_signed(TextWalk const& walk) { return walk.size() <= signed_text_limit && !walk.cuts_short(); }

std::string make_signature(StructureView const& structure, std::string_view message) {
    SignatureMaker maker;
    TextWalk walk(structure, true, maker);
    if (!can_be_signed(walk)) return {};
    while (auto const wanted = walk.wanted()) walk.feed(message.substr(wanted->begin, wanted->end - wanted->begin));
    return maker.signature();
}

Grams::Grams(std::string_view folded) {
    std::uint32_t last = 0;
    for (std::size_t at = 0; at < folded.size(); ++at) {
        last = follow(last, folded[at]);
        if (at + 1 >= gram_octets) hashes_.push_back(hash(last));
    }
    std::ranges::sort(hashes_);
    hashes_.erase(std::ranges::unique(hashes_).begin(), hashes_.end());
}

bool Grams::may_be_in(std::string_view signature) const {
    return signature.empty() || has(signature, hashes_) || !has(signature, rules_mark);
}

} // namespace postern::message
