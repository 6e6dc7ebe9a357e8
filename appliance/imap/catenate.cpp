#include "imap/catenate.h"

#include "office/access.h"
#include "store/message_reader.h"
#include "text/ascii.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using store::StoreError;
using wire::imap::MessageUrl;
using wire::imap::Section;

namespace {

// RFC 4469 §3: the base of URLs is "imap://user@server/", and nothing else is on this server.
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

store::Result<UrlOctets> find(store::ReadTransaction const& transaction, store::Store& store, store::AccountId who,
                              MessageUrl const& url) {
    auto const gone = std::unexpected(StoreError::no_such_message);
    auto const reached = office::reach_selectable(transaction, who, url.mailbox, office::Right::read);
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
    co_return co_await session.storage().read([who = session.account(), &store = session.storage().store(),
                                               parsed = std::move(*parsed)](store::ReadTransaction const& transaction) {
        return find(transaction, store, who, parsed);
    });
}

} // namespace postern::imap
