#include "control/actions.h"
#include "control/daemon.h"
#include "control/shared_name.h"
#include "core/log.h"
#include "message/address.h"
#include "office/directory.h"
#include "store/acl.h"
#include "store/aliases.h"
#include "store/audit.h"
#include "store/mailboxes.h"
#include "text/ascii.h"
#include "text/idn.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>

namespace postern::control {

namespace {

// An address as the store keeps it: with the office's domain if it names none, the domain's A-label form in lower case.
// The error is a sentence.
std::expected<std::string, std::string> complete_address(std::string_view given, office::Office const& office) {
    std::string const whole = given.contains('@') ? std::string(given) : std::format("{}@{}", given, office.domain);
    auto const mailbox = message::parse_smtp_mailbox(whole, true);
    if (!mailbox) return std::unexpected(std::format("{} is no mail address: {}", given, mailbox.error()));
    auto const domain = text::domain_to_ascii(mailbox->domain);
    return message::smtp_mailbox(mailbox->local_part, domain.value_or(mailbox->domain));
}

// The same for an alias's own: in lower case and local, or "@domain", what nobody else gets.
std::expected<std::string, std::string> read_address(std::string_view given, office::Office const& office) {
    bool const catch_all = given.starts_with('@');
    auto const whole = complete_address(catch_all ? std::format("x{}", given) : std::string(given), office);
    if (!whole) return whole;
    std::string address = text::lower(std::string_view(*whole).substr(catch_all ? 1 : 0));
    std::string_view const domain = std::string_view(address).substr(address.rfind('@') + 1);
    if (!office::is_local_domain(domain, office.domain, *office.settings))
        return std::unexpected(std::format("{} is not a domain of this office", domain));
    return address;
}

// The mailbox that an alias is to lead to. The error is a sentence.
std::expected<store::MailboxId, std::string> find_post_box(store::ReadTransaction const& transaction,
                                                           SharedName const& name) {
    auto const mailbox = store::find_mailbox(transaction, store::the_office, name.name);
    if (!mailbox || !mailbox->selectable)
        return std::unexpected(
            std::format("{}: there is no such mailbox; make it by `postern shared add`", name.whole));
    // RFC 4314 §2.1: an address that refuses everybody's mail is of no use.
    if (std::ranges::none_of(store::get_acl(transaction, mailbox->id),
                             [](store::AclEntry const& entry) { return entry.granted.has(core::Right::post); }))
        return std::unexpected(std::format("nobody may send mail to {}; let them by `postern shared give {} anyone "
                                           "post`, or name those who may",
                                           name.whole, name.whole));
    return mailbox->id;
}

void report_alias(Call const& call, std::string_view change, std::string_view address) {
    core::log(core::Event::account_changed, {{"change", change}, {"alias", address}, {"by", call.caller}});
}

} // namespace

asio::awaitable<Answer> add_alias(Call call) {
    office::Office& office = call.daemon.office;
    auto address = read_address(call.arguments.word("address"), office);
    if (!address) co_return refused(std::move(address.error()));
    store::Alias alias{*address, {}};
    std::vector<SharedName> shared;
    for (std::string const& given : call.arguments.words("targets")) {
        if (is_shared_name(given)) {
            auto name = read_shared_name(given);
            if (!name) co_return refused(std::move(name.error()));
            shared.push_back(std::move(*name));
            continue;
        }
        auto target = complete_address(given, office);
        if (!target) co_return refused(std::move(target.error()));
        alias.targets.push_back(std::move(*target));
    }
    auto const outcome = co_await office.storage.write(
        [alias, shared = std::move(shared), caller = call.caller,
         now = office.clock.wall()](store::WriteTransaction& transaction) mutable -> Outcome {
            for (SharedName const& name : shared) {
                auto const mailbox = find_post_box(transaction, name);
                if (!mailbox) return mailbox.error();
                alias.mailboxes.push_back(*mailbox);
            }
            if (auto const set = store::set_alias(transaction, alias); !set) return std::unexpected(set.error());
            std::string details = std::format("alias={} by={} targets=", alias.address, caller);
            for (std::string const& target : alias.targets) details += target + " ";
            for (SharedName const& name : shared) details += name.whole + " ";
            if (auto const noted = store::audit(transaction, "alias.add", details, now); !noted)
                return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome && !*outcome) report_alias(call, "alias added", alias.address);
    co_return answer(outcome, alias.address);
}

asio::awaitable<Answer> list_aliases(Call call) {
    auto const aliases = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Alias>> {
            auto all = store::list_aliases(transaction);
            for (store::Alias& alias : all)
                for (store::MailboxId const id : alias.mailboxes)
                    if (auto const mailbox = store::get_mailbox(transaction, id))
                        alias.targets.push_back(shown_name(*mailbox));
            return all;
        });
    if (!aliases) co_return refused(std::string(store::describe(aliases.error())));
    json::array rows;
    for (store::Alias const& alias : *aliases) {
        json::array targets;
        for (std::string const& target : alias.targets) targets.emplace_back(text::to_valid_utf8(target));
        rows.push_back({{"address", text::to_valid_utf8(alias.address)}, {"targets", std::move(targets)}});
    }
    co_return rows;
}

asio::awaitable<Answer> remove_alias(Call call) {
    office::Office& office = call.daemon.office;
    auto const address = read_address(call.arguments.word("address"), office);
    if (!address) co_return refused(address.error());
    auto const outcome =
        co_await office.storage.write([address = *address, caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            if (auto const removed = store::remove_alias(transaction, address); !removed)
                return std::unexpected(removed.error());
            auto const noted =
                store::audit(transaction, "alias.remove", std::format("alias={} by={}", address, caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome) report_alias(call, "alias removed", *address);
    co_return answer(outcome, *address);
}

} // namespace postern::control
