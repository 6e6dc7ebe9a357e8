#include "imap/append.h"

#include "office/access.h"
#include "office/incoming_message.h"
#include "store/accounts.h"
#include "store/messages.h"

#include <utility>

namespace postern::imap {

namespace {

// What can be known before the message is sent. The store checks again when it is there.
store::Result<void> check(store::ReadTransaction const& transaction, store::AccountId who, std::string_view name,
                          std::uint64_t size, std::uint64_t quota) {
    auto const reached = office::reach_selectable(transaction, who, name, office::Right::insert);
    if (!reached) return std::unexpected(reached.error());
    if (quota == 0) return {};
    auto const owner = store::get_account(transaction, reached->mailbox.account);
    if (!owner) return std::unexpected(store::StoreError::no_such_account);
    if (owner->octets + size > quota) return std::unexpected(store::StoreError::over_quota);
    return {};
}

store::Result<store::Appended> put(store::WriteTransaction& transaction, store::AccountId who, std::string_view name,
                                   store::NewMessage const& message, store::Placement placement, std::uint64_t quota,
                                   store::WallTime now) {
    auto const reached = office::reach_selectable(transaction, who, name, office::Right::insert);
    if (!reached) return std::unexpected(reached.error());
    placement.mailbox = reached->mailbox.id;
    return store::append(transaction, message, placement, quota, now);
}

} // namespace

asio::awaitable<Answer> append(Session& session, wire::imap::Append& command) {
    std::uint64_t const limit = session.settings().bytes("imap.append_limit");
    std::uint64_t const quota = session.settings().bytes("account.quota");
    if (command.utf8 && !session.has(Extension::utf8_accept)) co_return bad("ENABLE UTF8=ACCEPT first");
    if (command.size == 0) co_return no("[CANNOT] An empty message cannot be kept");
    if (command.size > limit) co_return no("[TOOBIG] The message is too large");
    // On this thread: a few pages that are in memory, or will be wanted when the message is there.
    auto const possible = session.storage().read_here([&](store::ReadTransaction const& transaction) {
        return check(transaction, session.account(), command.mailbox, command.size, quota);
    });
    if (!possible) co_return no_destination(possible.error());

    // The octets are kept as they come, so that what is fetched is what was appended.
    office::IncomingMessage incoming(session.office(), limit, session.connection().share(), nullptr);
    if (incoming.out_of_memory()) co_return no_room();
    session.accept_message();
    bool has_nul = false;
    for (;;) {
        auto const event = co_await session.next_event();
        if (!event) co_return answered();
        if (auto const* octets = std::get_if<wire::imap::MessageOctets>(&*event)) {
            has_nul = has_nul || (command.literal8 && octets->octets.contains('\0'));
            if (!has_nul) co_await incoming.append(std::string(octets->octets));
        } else if (auto const* refused = std::get_if<wire::imap::Refused>(&*event)) {
            co_return bad(std::string(refused->reason));
        } else {
            break; // MessageComplete
        }
    }
    // BODY[] could not say it: no literal has a NUL in it (RFC 3501 §9 CHAR8, RFC 3516 §4.4).
    if (has_nul) co_return no("[UNKNOWN-CTE] A message with NUL octets cannot be kept");

    store::WallTime const now = session.office().clock.wall();
    auto message = co_await incoming.finish(command.internal_date.value_or(now));
    if (incoming.out_of_memory()) co_return no_room();
    if (!message) co_return no(message.error());
    auto const appended = co_await session.storage().write(
        [who = session.account(), name = std::move(command.mailbox), message = std::move(*message),
         placement = store::Placement{.flags = command.flags.system, .keywords = std::move(command.flags.keywords)},
         quota, now](store::WriteTransaction& transaction) {
            return put(transaction, who, name, message, placement, quota, now);
        });
    if (!appended) co_return no_destination(appended.error());
    co_return ok(wire::imap::append_uid_code(appended->uid_validity, appended->uid) + " Appended");
}

} // namespace postern::imap
