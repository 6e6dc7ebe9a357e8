#include "core/mask_rules.h"

#include "core/trim.h"

#include <algorithm>
#include <array>
#include <format>

namespace postern::core {

namespace {

using Failure = std::unexpected<std::string>;

// Without these a client could not use the server at all, or not safely.
constexpr std::array<std::string_view, 3> indispensable{"IMAP4REV1", "STARTTLS", "LOGINDISABLED"};

// RFC 3501 §9: capability = ("AUTH=" auth-type) / atom
bool is_capability(std::string_view name) {
    return std::ranges::all_of(
        name, [](char c) { return c > ' ' && c < '\x7f' && !std::string_view("(){%*\"\\]:;,").contains(c); });
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return result;
}

std::expected<MaskRule, std::string> parse_rule(std::string_view written) {
    auto const wrong = [written](std::string_view why) { return Failure(std::format("\"{}\": {}", written, why)); };
    MaskRule rule;
    auto const colon = written.find(':');
    auto const open = written.find('(', colon == std::string_view::npos ? 0 : colon);
    if (colon == std::string_view::npos || open == std::string_view::npos || !written.ends_with(')'))
        return wrong("a rule is client NAME/VERSION: CAPABILITY... (REASON), or account LOGIN: CAPABILITY... (REASON)");

    std::string_view who = written.substr(0, colon);
    std::string_view const kind = who.substr(0, who.find(' '));
    if (kind != "client" && kind != "account") return wrong("a rule begins with client or account");
    rule.by = kind == "client" ? MaskRule::By::client : MaskRule::By::account;
    who = trimmed(who.substr(kind.size()));
    if (auto const slash = who.rfind('/'); rule.by == MaskRule::By::client && slash != std::string_view::npos) {
        rule.version = trimmed(who.substr(slash + 1));
        who = trimmed(who.substr(0, slash));
    }
    rule.name = who;
    if (rule.name.empty()) return wrong("whose rule is it?");

    std::string_view names = written.substr(colon + 1, open - colon - 1);
    while (!(names = trimmed(names)).empty()) {
        std::string_view const name = names.substr(0, names.find_first_of(" ,"));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        if (name.empty()) continue;
        if (!is_capability(name)) return wrong(std::format("{} is no capability", name));
        if (std::ranges::contains(indispensable, upper(name))) return wrong(std::format("{} cannot be masked", name));
        rule.capabilities.emplace_back(name);
    }
    if (rule.capabilities.empty()) return wrong("it masks nothing");
    rule.reason = trimmed(written.substr(open + 1, written.size() - open - 2));
    if (rule.reason.empty()) return wrong("say why, in parentheses");
    return rule;
}

} // namespace

std::expected<std::vector<MaskRule>, std::string> parse_mask_rules(std::string_view written) {
    if (std::ranges::any_of(written, [](char octet) { return static_cast<unsigned char>(octet) < ' '; }))
        return Failure("rules hold no control characters");
    std::vector<MaskRule> rules;
    while (!written.empty()) {
        std::string_view const one = written.substr(0, written.find(';'));
        written.remove_prefix(std::min(written.size(), one.size() + 1));
        if (trimmed(one).empty()) continue;
        auto rule = parse_rule(trimmed(one));
        if (!rule) return Failure(std::move(rule.error()));
        rules.push_back(std::move(*rule));
    }
    return rules;
}

std::string who_is_masked(MaskRule const& rule) {
    std::string who(rule.by == MaskRule::By::client ? "client " : "account ");
    who += rule.name;
    if (!rule.version.empty()) who += "/" + rule.version;
    return who;
}

} // namespace postern::core
