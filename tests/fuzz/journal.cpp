// The journal's files: whatever lies on flash, reading them neither crashes nor takes long, and what was read is the
// same once it is written and read again.
#include "office/journal_record.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace postern::office;

namespace {

std::vector<JournalRecord> read(std::string_view blocks) {
    std::vector<JournalRecord> records;
    for_each_journal_record(blocks, [&](JournalRecord const& record) {
        records.push_back(record);
        return true;
    });
    return records;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    (void)read(input);
    // As what a block holds: chance finds no checksum.
    auto const records = read(seal_journal_block(input));
    JournalBlock block;
    for (JournalRecord const& record : records) block.add(record);
    if (block.octets() < 60'000 && read(block.take()) != records) __builtin_trap();
    return 0;
}
