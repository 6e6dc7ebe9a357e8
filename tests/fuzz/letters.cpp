// Letters, whatever comes: a stream of them gives the same whole as in pieces; and what is read of an mbox file goes
// through one once more as it is.
#include "migration/letter.h"
#include "migration/mbox.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern::migration;

namespace {

std::string all_of(std::string_view octets, std::size_t piece) {
    LetterReader reader;
    std::string all;
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
        reader.feed(octets.substr(0, piece));
        for (auto event = reader.next(); !std::holds_alternative<LetterReader::NeedMore>(event);
             event = reader.next()) {
            if (std::holds_alternative<LetterReader::Malformed>(event)) return all + "!";
            if (auto const* head = std::get_if<LetterHead>(&event))
                all += encode(*head);
            else
                all += std::get<std::string>(event);
        }
    }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const octets(reinterpret_cast<char const*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        if (all_of(octets, octets.size()) != all_of(octets, 1 + data[0] % 7)) __builtin_trap();
        return 0;
    }
    auto const first = from_mbox("MAILER-DAEMON Tue Nov 14 23:13:20 2023", octets, {});
    std::string const file = to_mbox(first);
    auto const line = file.find('\n');
    auto const again = from_mbox(std::string_view(file).substr(5, line - 5),
                                 std::string_view(file).substr(line + 1, file.size() - line - 2), {});
    if (again.head.flags != first.head.flags || again.head.keywords != first.head.keywords ||
        again.head.date != first.head.date)
        __builtin_trap();
    return 0;
}
