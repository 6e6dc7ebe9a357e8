// Sources: mailboxes at providers from which mail is fetched; and which of their messages were taken, so that each
// comes once. That a message was taken is noted in the change that delivers it.
//
// A message is known by what the provider calls it: UIDVALIDITY and UID, or its UIDL. Where a provider calls all of
// them otherwise one day, they are recognised by a digest of their header (`mark`).
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::size_t max_provider_id_octets = 64;

// Makes or replaces it; what was taken from it stays known. Errors: name_invalid.
Result<void> set_fetch_source(WriteTransaction& transaction, FetchSource const& source);
// And all that is known of it; its stubs are lost (stubs.h). Errors: no_such_fetch_source.
Result<void> remove_fetch_source(WriteTransaction& transaction, std::string_view name);
std::optional<FetchSource> find_fetch_source(ReadTransaction const& transaction, std::string_view name);
std::vector<FetchSource> list_fetch_sources(ReadTransaction const& transaction); // by name

// Of IMAP.
std::optional<FetchedMailbox> get_fetched_mailbox(ReadTransaction const& transaction, std::string_view source);
// Errors: no_such_fetch_source.
Result<void> set_fetched_mailbox(WriteTransaction& transaction, std::string_view source, FetchedMailbox const& mailbox);

// Errors: no_such_fetch_source, name_invalid (the id: empty or too long).
Result<void> note_fetched(WriteTransaction& transaction, std::string_view source, Fetched const& fetched);
// A stub of it is lost.
void forget_fetched(WriteTransaction& transaction, std::string_view source, std::string_view id);
std::optional<Fetched> find_fetched(ReadTransaction const& transaction, std::string_view source, std::string_view id);
// What is known by `before` is known by `id` from now on; as it is then. Nothing: it is not known.
// Errors: those of note_fetched.
Result<std::optional<Fetched>> rename_fetched(WriteTransaction& transaction, std::string_view source,
                                              std::string_view before, std::string_view id);
std::vector<Fetched> list_fetched(ReadTransaction const& transaction, std::string_view source); // by id

} // namespace postern::store
