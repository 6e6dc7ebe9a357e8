// What a backup says, whatever it is: reading it neither crashes nor takes more than a few chunks of memory; and what
// is in it, whole as in pieces, gives the same records or the same refusal.
#include "backup/stream.h"
#include "store/copy_format.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

std::string records(std::string_view octets, std::size_t piece) {
    std::string all;
    using Verdict = store::CopyReader::Verdict;
    store::CopyReader reader({[&](store::CopyHead const& head) { return all += "h" + head.domain, Verdict(); },
                              [&](store::CopiedFile const& file) {
                                  if (!store::is_copied_name(file.name)) __builtin_trap();
                                  return all += "f" + file.name + file.content, Verdict();
                              },
                              [&](std::string_view table, std::string_view key, std::string_view value) {
                                  return ((all += "r") += table) += std::string(key).append(value), Verdict();
                              }});
    while (!octets.empty()) {
        auto const taken = reader.take(octets.substr(0, piece));
        if (!taken) return all + taken.error();
        octets.remove_prefix(std::min(piece, octets.size()));
    }
    return all + (reader.ended() ? "." : "");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const octets(reinterpret_cast<char const*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        if (records(octets, octets.size()) != records(octets, 1 + data[0] % 7)) __builtin_trap();
        return 0;
    }
    std::string_view rest = octets;
    auto reader = backup::Reader::begin(
        [&](std::size_t most) -> std::expected<std::string, std::string> {
            auto const piece = rest.substr(0, most);
            rest.remove_prefix(piece.size());
            return std::string(piece);
        },
        {});
    while (reader) {
        auto const piece = reader->next();
        if (!piece || piece->empty()) return 0;
    }
    return 0;
}
