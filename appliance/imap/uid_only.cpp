#include "imap/uid_only.h"

#include <algorithm>

namespace postern::imap {

namespace {

using wire::imap::SearchKey;

// What was saved (RFC 5182) is no number.
bool has_numbers(SearchKey const& key) {
    if (auto const* numbers = std::get_if<wire::imap::InSequence>(&key.condition)) return !numbers->numbers.is_saved();
    if (auto const* all = std::get_if<wire::imap::AllOf>(&key.condition))
        return std::ranges::any_of(all->keys, has_numbers);
    if (auto const* any = std::get_if<wire::imap::AnyOf>(&key.condition))
        return std::ranges::any_of(any->keys, has_numbers);
    return false;
}

bool has_numbers(wire::imap::Search const& search) { return !search.uid || has_numbers(search.key); }

} // namespace

bool names_numbers(wire::imap::Command::Body const& command) {
    if (auto const* selecting = std::get_if<wire::imap::Select>(&command))
        return selecting->resync && !selecting->resync->numbers.empty();
    if (auto const* fetching = std::get_if<wire::imap::Fetch>(&command)) return !fetching->uid;
    if (auto const* storing = std::get_if<wire::imap::Store>(&command)) return !storing->uid;
    if (auto const* copying = std::get_if<wire::imap::Copy>(&command)) return !copying->uid;
    if (auto const* moving = std::get_if<wire::imap::Move>(&command)) return !moving->uid;
    if (auto const* replacing = std::get_if<wire::imap::Replace>(&command)) return !replacing->uid;
    if (auto const* searching = std::get_if<wire::imap::Search>(&command)) return has_numbers(*searching);
    if (auto const* sorting = std::get_if<wire::imap::Sort>(&command)) return has_numbers(sorting->search);
    if (auto const* threading = std::get_if<wire::imap::Thread>(&command)) return has_numbers(threading->search);
    if (auto const* searching = std::get_if<wire::imap::Esearch>(&command)) return has_numbers(searching->search.key);
    return false;
}

} // namespace postern::imap
