#include "imap/catenate.h"

#include "office/access.h"
#include "office/mailbox_name.h"
#include "store/mailboxes.h"
#include "store/message_reader.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::imap {

using store::StoreError;
using wire::imap::MessageUrl;
using wire::imap::Section;

namespace {

// Whose mailboxes a URL is about, and what it is relative to.
struct Base {
    store::AccountId who;
    std::optional<store::MailboxId> selected;
};

// RFC 4469 §3: nothing but "imap://user@server/" is on this server.
bool is_ours(Session& session, MessageUrl const& url) {
    if (!url.server) return true;
    office::Office const& office = session.office();
    auto const& [user, host] = *url.server;
    bool const here = text::iequals(host, office.host_name) || text::iequals(host, office.domain);
    return here && (user.empty() || text::iequals(user, session.login()) ||
                    text::iequals(user, session.login() + '@' + office.domain));
}

void narrow(UrlOctets& octets, MessageUrl::Range const& range) {
    std::uint64_t const skip = std::min<std::uint64_t>(range.offset, octets.size());
    std::uint64_t const left = octets.size() - skip;
    std::uint64_t const length = std::min<std::uint64_t>(range.length.value_or(left), left);
    if (octets.text) octets.text = octets.text->substr(skip, length);
    octets.slice = {octets.slice.offset + skip, length};
}

// RFC 4469 §3: the base of URLs is "imap://user@server/", and "imap://user@server/mailbox" if that one is selected.
std::string mailbox_of(store::ReadTransaction const& transaction, Base const& base, MessageUrl const& url) {
    if (!url.relative) return url.mailbox;
    auto const selected = base.selected ? store::get_mailbox(transaction, *base.selected) : std::nullopt;
    std::string const name = selected ? office::name_of(transaction, base.who, *selected) : "";
    if (url.mailbox.empty()) return name;
    std::string_view const above = office::name_above(name); // RFC 3986 §5.2.3
    return above.empty() ? url.mailbox : std::format("{}/{}", above, url.mailbox);
}

store::Result<UrlOctets> find(store::ReadTransaction const& transaction, store::Store& store, Base const& base,
                              MessageUrl const& url) {
    auto const gone = std::unexpected(StoreError::no_such_message);
    auto const reached =
        office::reach_selectable(transaction, base.who, mailbox_of(transaction, base, url), office::Right::read);
    if (!reached) return gone;
    store::Mailbox const& mailbox = reached->mailbox;
    if (url.uid_validity.value_or(mailbox.uid_validity) != mailbox.uid_validity) return gone;
    auto const row = store::get_index(transaction, mailbox.id, url.uid);
    if (!row) return gone;
    store::MessageReader reader(transaction);
    auto const message = reader.find(row->message);
    if (!message) return std::unexpected(StoreError::damaged);

    UrlOctets octets{.pin = store.pin(message->body), .body = message->body, .slice = {0, message->size}, .text = {}};
    if (url.section) {
        auto const structure = message::decode_structure(message->structure);
        if (!structure) return std::unexpected(StoreError::damaged);
        auto const slice = locate(*structure, *url.section);
        if (!slice) return gone;
        octets.slice = *slice;
        if (url.section->text == Section::Text::header_fields ||
            url.section->text == Section::Text::header_fields_not) {
            std::string header;
            auto const length = std::min(slice->octets, message::Limits{}.header_octets);
            if (auto const read = reader.read_body(*message, slice->offset, length, header); !read)
                return std::unexpected(read.error());
            octets.text = select_fields(header, *url.section);
        }
    }
    if (url.range) narrow(octets, *url.range);
    return octets;
}

} // namespace

asio::awaitable<store::Result<UrlOctets>> resolve_url(Session& session, std::string url) {
    auto parsed = wire::imap::parse_message_url(url);
    if (!parsed || !is_ours(session, *parsed)) co_return std::unexpected(StoreError::no_such_message);
    Base base{.who = session.account(), .selected = std::nullopt};
    if (session.state() == State::selected) base.selected = session.selected().mailbox;
    co_return co_await session.storage().read([base, &store = session.storage().store(),
                                               parsed = std::move(*parsed)](store::ReadTransaction const& transaction) {
        return find(transaction, store, base, parsed);
    });
}

} // namespace postern::imap
