// The store's records: whatever lies on flash, decoding it neither crashes nor takes more memory than it has octets
// (libFuzzer's limit), and what is taken is exactly what encoding makes.
#include "store/codec.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace postern::store;

namespace {

template <typename Record> void same(std::optional<Record> const& record, std::string_view octets) {
    if (record && encode(*record) != octets) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const octets(reinterpret_cast<char const*>(data) + 1, size - 1);
    switch (data[0] % 21) {
    case 0: same(decode_account(AccountId{1}, octets), octets); break;
    case 1: same(decode_mailbox(MailboxId{1}, octets), octets); break;
    case 2: same(decode_name(octets), octets); break;
    case 3: same(decode_index(Uid{1}, octets), octets); break;
    case 4: same(decode_change(ModSeq{1}, octets), octets); break;
    case 5: same(decode_message(MessageId{1}, octets), octets); break;
    case 6: same(decode_garbage(octets), octets); break;
    case 7: {
        auto const item = decode_queue_item(QueueItemId{1}, octets);
        if (item && octets.starts_with('\1')) // of before the link's time: it becomes one of now
            same(decode_queue_item(QueueItemId{1}, encode(*item)), encode(*item));
        else
            same(item, octets);
        break;
    }
    case 8: same(decode_alias("a@b", octets), octets); break;
    case 9: same(decode_audit(1, octets), octets); break;
    case 10:
        if (auto const text = decode_text(octets); text && encode_text(*text) != octets) __builtin_trap();
        break;
    case 11: same(decode_reference(octets), octets); break;
    case 12: same(decode_acl(octets), octets); break;
    case 13: same(decode_entry(octets), octets); break;
    case 14: same(decode_relay("relay", octets), octets); break;
    case 15: same(decode_fetch_source("source", octets), octets); break;
    case 16: same(decode_fetched_mailbox(octets), octets); break;
    case 17: same(decode_fetched("id", octets), octets); break;
    case 18: same(decode_stub(MessageId{1}, octets), octets); break;
    case 19: same(decode_upstream("upstream", octets), octets); break;
    case 20: same(decode_dns_name("name", octets), octets); break;
    default: break;
    }
    return 0;
}
