// Addresses of a hostile sender, as header fields and as SMTP commands have them. Properties: limits hold; an address
// that SMTP takes is spelled back to itself and read the same by the lenient parser; a mailbox of a list is written so
// that it is read again.
#include "message/address.h"

#include "text/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check_smtp(std::string_view input, bool utf8) {
    auto const mailbox = message::parse_smtp_mailbox(input, utf8);
    if (!mailbox) {
        require(!mailbox.error().empty());
        return;
    }
    require(utf8 ? text::is_utf8(input) : text::is_ascii(input));
    require(mailbox->local_part.size() <= message::local_part_limit && mailbox->domain.size() <= message::domain_limit);
    std::string const spelled = message::smtp_mailbox(mailbox->local_part, mailbox->domain);
    require(message::parse_smtp_mailbox(spelled, utf8) == *mailbox);
    auto const list = message::parse_address_list(spelled);
    require(list.size() == 1 && std::get<message::Mailbox>(list[0]) == *mailbox);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    check_smtp(input, false);
    check_smtp(input, true);

    auto const list = message::parse_address_list(input);
    auto const all = message::mailboxes(list);
    require(all.size() <= message::mailbox_limit);
    require(message::mailboxes(message::parse_address_list(input, 3)).size() == std::min<std::size_t>(3, all.size()));
    for (message::Mailbox const& mailbox : all) {
        std::string const spelled = to_string(mailbox);
        require(!spelled.contains('\r') && !spelled.contains('\n'));
        if (!mailbox.route.empty() || !message::is_smtp_domain(mailbox.domain, true)) continue;
        auto const again = message::parse_address_list(spelled);
        require(again.size() == 1 && std::get<message::Mailbox>(again[0]) == mailbox);
    }
    return 0;
}
