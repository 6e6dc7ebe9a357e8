#include "office/directory.h"

#include "office/access.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/aliases.h"
#include "store/mailboxes.h"
#include "text/ascii.h"
#include "text/idn.h"

#include <algorithm>
#include <set>

namespace postern::office {

namespace {

constexpr unsigned alias_depth = 10;

// A-labels and lower case; an address literal stays what it is.
std::string canonical(std::string_view domain) { return text::domain_to_ascii(domain).value_or(text::lower(domain)); }

// RFC 5233: "alice+news" without "+news".
std::string_view without_detail(std::string_view local_part) {
    auto const plus = local_part.find('+');
    return plus == 0 ? local_part : local_part.substr(0, plus);
}

// RFC 5321 §4.5.1, RFC 2142
bool is_role(std::string_view local_part) { return local_part == "postmaster" || local_part == "abuse"; }

std::optional<store::AccountId> find_administrator(store::ReadTransaction const& transaction,
                                                   core::Settings const& settings) {
    if (auto const login = settings.text("mail.administrator"); !login.empty())
        if (auto const account = store::find_login(transaction, text::lower(login))) return account;
    return store::first_administrator(transaction);
}

class Resolution {
public:
    Resolution(store::ReadTransaction const& transaction, std::string_view office_domain,
               core::Settings const& settings)
        : transaction_(transaction), office_domain_(office_domain), settings_(settings) {}

    void add(message::Mailbox const& mailbox, unsigned depth) {
        std::string const domain = mailbox.domain.empty() ? std::string(office_domain_) : canonical(mailbox.domain);
        if (!is_local_domain(domain, office_domain_, settings_)) {
            auto address = message::smtp_mailbox(mailbox.local_part, mailbox.domain);
            if (outside_.insert(address).second) destination_.outside.push_back(std::move(address));
            return;
        }
        std::string const local_part = text::lower(mailbox.local_part);
        std::string const login(without_detail(local_part));
        if (expand(local_part, domain, login, depth)) return;
        if (login != local_part && expand(login, domain, login, depth)) return;
        if (add_account(store::find_login(transaction_, login))) return;
        if (is_role(login) && add_account(find_administrator(transaction_, settings_))) return;
        expand("", domain, login, depth); // the catch-all
    }

    Destination take() { return std::move(destination_); }

private:
    // False if there is no such alias. One that was expanded before stands for the account of the same name, so that an
    // alias can lead to it and elsewhere too.
    bool expand(std::string const& local_part, std::string const& domain, std::string const& login, unsigned depth) {
        auto const alias = store::find_alias(transaction_, local_part + "@" + domain);
        if (!alias) return false;
        if (depth >= alias_depth || !expanded_.insert(alias->address).second) {
            add_account(store::find_login(transaction_, login));
            return true;
        }
        for (auto const& target : alias->targets)
            if (auto const mailbox = message::parse_smtp_mailbox(target, true)) add(*mailbox, depth + 1);
        for (auto const mailbox : alias->mailboxes)
            if (mailboxes_.insert(mailbox).second) destination_.mailboxes.push_back(mailbox);
        return true;
    }

    bool add_account(std::optional<store::AccountId> account) {
        if (!account) return false;
        if (accounts_.insert(*account).second) destination_.local.push_back(*account);
        return true;
    }

    store::ReadTransaction const& transaction_;
    std::string_view office_domain_;
    core::Settings const& settings_;
    std::set<std::string> expanded_;
    std::set<store::AccountId> accounts_;
    std::set<store::MailboxId> mailboxes_;
    std::set<std::string> outside_;
    Destination destination_;
};

} // namespace

bool is_local_domain(std::string_view domain, std::string_view office_domain, core::Settings const& settings) {
    auto const wanted = canonical(domain);
    return wanted == office_domain || std::ranges::contains(settings.list("mail.local_domains"), wanted, canonical);
}

Destination resolve(store::ReadTransaction const& transaction, message::Mailbox const& recipient,
                    std::string_view office_domain, core::Settings const& settings) {
    Resolution resolution(transaction, office_domain, settings);
    resolution.add(recipient, 0);
    return resolution.take();
}

bool may_post(store::ReadTransaction const& transaction, std::optional<store::AccountId> sender,
              std::vector<store::MailboxId> const& mailboxes) {
    return std::ranges::all_of(mailboxes, [&](store::MailboxId id) {
        auto const mailbox = store::get_mailbox(transaction, id);
        if (!mailbox) return true; // what gets no mail anyway
        Rights const rights = sender ? rights_on(transaction, *sender, *mailbox)
                                     : rights_in(store::get_acl(transaction, id), store::anyone);
        return rights.has(Right::post);
    });
}

bool may_send_as(store::ReadTransaction const& transaction, store::AccountId account, message::Mailbox const& sender,
                 std::string_view office_domain, core::Settings const& settings) {
    if (!is_local_domain(sender.domain, office_domain, settings)) return false;
    auto const login = text::lower(without_detail(sender.local_part));
    if (store::find_login(transaction, login) == account) return true;
    auto const destination = resolve(transaction, sender, office_domain, settings);
    if (destination.unknown() || !destination.outside.empty()) return false;
    auto const works_in = [&](store::MailboxId id) {
        auto const mailbox = store::get_mailbox(transaction, id);
        return mailbox && rights_on(transaction, account, *mailbox).has(Right::insert);
    };
    return std::ranges::all_of(destination.local, [&](store::AccountId other) { return other == account; }) &&
           std::ranges::all_of(destination.mailboxes, works_in);
}

} // namespace postern::office
