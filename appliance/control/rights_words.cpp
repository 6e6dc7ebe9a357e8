#include "control/rights_words.h"

#include "wire/imap_acl.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <optional>
#include <string_view>

namespace postern::control {

namespace {

using core::Right;
using core::Rights;

struct Step {
    std::string_view word;
    Rights rights;
};
constexpr Step steps[] = {
    {"read", Right::lookup | Right::read | Right::seen},
    {"write", Right::write | Right::insert | Right::delete_messages | Right::expunge},
    {"manage", Right::create_mailboxes | Right::delete_mailbox | Right::administer},
};
constexpr Step apart[] = {{"post", Right::post}};

std::optional<Rights> rights_of_word(std::string_view word, RightsChange change) {
    if (word == "all") return Rights::all();
    if (auto const found = std::ranges::find(apart, word, &Step::word); found != std::end(apart)) return found->rights;
    auto const found = std::ranges::find(steps, word, &Step::word);
    if (found == std::end(steps)) return std::nullopt;
    Rights rights = found->rights;
    for (Step const& step : steps)
        if (change == RightsChange::give ? &step < found : &step > found) rights = rights | step.rights;
    return rights;
}

std::optional<Rights> rights_of_letters(std::string_view letters) {
    Rights rights;
    for (char const letter : letters) {
        auto const meant = wire::imap::rights_of(letter);
        if (!meant) return std::nullopt;
        rights = rights | *meant;
    }
    return rights;
}

} // namespace

std::expected<Rights, std::string> read_rights(std::span<std::string const> words, RightsChange change) {
    Rights all;
    for (std::string const& word : words) {
        auto rights = rights_of_word(word, change);
        if (!rights) rights = rights_of_letters(word);
        if (!rights || rights->empty())
            return std::unexpected(std::format(
                "\"{}\" is no right; there are read, write, manage, post and all, and the letters lrswipkxtea", word));
        all = all | *rights;
    }
    return all;
}

std::vector<std::string> rights_in_words(Rights rights) {
    if (rights == Rights::all()) return {"all"};
    std::vector<std::string> words;
    auto const say = [&](Step const& step) {
        if (!rights.has_all(step.rights)) return;
        words.emplace_back(step.word);
        rights = rights - step.rights;
    };
    std::ranges::for_each(steps, say);
    std::ranges::for_each(apart, say);
    if (!rights.empty()) words.push_back(wire::imap::to_string(rights));
    return words;
}

} // namespace postern::control
