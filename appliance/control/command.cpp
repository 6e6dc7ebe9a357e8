#include "control/command.h"

#include "control/actions.h"
#include "control/trace_words.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <sstream>

namespace postern::control {

namespace {

using enum ParameterKind;

constexpr Parameter account_name[] = {{"name", word, "the login, as alice in alice@office.lan"}};
constexpr Parameter new_account[] = {
    {"name", word, "the login: lower-case letters, digits, dots, dashes and underscores"},
    {"administrator", flag,
     "the account gets postmaster's mail and makes shared mailboxes (the first account always does)"},
    {"password", secret, "reads the new password from standard input"},
};
constexpr Parameter account_and_password[] = {account_name[0],
                                              {"password", secret, "reads the new password from standard input"}};
constexpr Parameter account_and_quota[] = {
    account_name[0],
    {"octets", word, "how much mail it may hold: 500M, 2G, none for no limit, or default for what account.quota says"},
    {"messages", word, "how many messages: a number, none, or default for what account.message_quota says"},
};
constexpr Parameter alias_address[] = {{"address", word, "sales, sales@office.lan, or @office.lan for all the rest"}};
constexpr Parameter alias_and_targets[] = {
    alias_address[0],
    {"targets", words,
     "where it leads: accounts, aliases, addresses elsewhere, mailboxes of the office as Shared/Sales"}};
constexpr Parameter shared_name[] = {{"name", word, "as mail programs show it: Shared/Sales"}};
constexpr Parameter shared_and_rights[] = {
    shared_name[0],
    {"who", word, "an account, or anyone for all of them"},
    {"rights", words,
     "read; write: and flag, file and delete messages; manage: and make mailboxes below, remove it, say who may what; "
     "post: send mail to its address; all; or the letters of RFC 4314"}};
constexpr Parameter shared_removal[] = {shared_name[0],
                                        {"with-mail", flag, "also if it holds mail, which is gone for good then"}};
constexpr Parameter account_and_file[] = {
    account_name[0], {"file", file, "is made, for its owner alone: key and certificate as PEM, for programs"}};
constexpr Parameter account_file_and_password[] = {
    account_name[0],
    {"file", file, "is made, for its owner alone: alice.p12"},
    {"password", secret, "reads from standard input the password that the file opens with"}};
constexpr Parameter queue_item[] = {{"id", word, "the number that `postern queue list` shows"}};
constexpr Parameter queue_item_or_all[] = {{"id", word, "the number that `postern queue list` shows, or all"}};
constexpr Parameter relay_name[] = {{"name", word, "the name that `postern relay list` shows"}};
constexpr Parameter server_key{
    "key", option,
    "in place of an authority: sha256:BASE64, the key that it must have. A test says which one a server has whose "
    "certificate nobody vouches for; compare that with what the provider tells"};
constexpr Parameter new_relay[] = {
    {"name", word, "what it is to be called here: lower-case letters, digits and dashes"},
    {"host", word, "its name or address, as the provider tells it: smtp.example.net"},
    {"port", option, "465 for security tls, else 587 unless told"},
    {"security", option,
     "tls: from the start; starttls (unless told); opportunistic: whatever it offers, and its certificate is not "
     "looked "
     "at; none"},
    {"domains", option, "it is for mail to these alone: branch.example,.branch.example (a dot: and all below)"},
    {"authority", upload,
     "PEM, by whom its certificate must be signed, for one that has none of a public authority; an empty file: a "
     "public one again"},
    server_key,
    {"preference", option, "of several, that with the lowest number is asked first (10 unless told)"},
};
constexpr Parameter new_direct_relay[] = {
    new_relay[0],
    {"port", option, "25 unless told"},
    {"security", option, "opportunistic (unless told), starttls, tls or none"},
    new_relay[4],
    new_relay[5],
    new_relay[7],
};
constexpr Parameter tested_relay[] = {
    relay_name[0],
    {"domain", option, "of one by which mail goes directly: the domain whose server is tried"},
};
constexpr Parameter relay_login[] = {
    relay_name[0],
    {"login", word, "as the provider tells it, often a whole mail address"},
    {"token", flag, "what is read is an OAuth 2.0 access token"},
    {"password", known_secret, "reads the password from standard input"},
};
constexpr Parameter fetch_name[] = {{"name", word, "the name that `postern fetch list` shows"}};
constexpr Parameter new_fetch[] = {
    {"name", word, "what it is to be called here: lower-case letters, digits and dashes"},
    {"host", word, "the provider's server, as it tells: imap.example.net"},
    {"account", word, "who gets the mail; of a mailbox for several, what is for nobody else"},
    {"protocol", option, "imap (unless told) or pop3"},
    {"port", option, "993 or 143 for imap, 995 or 110 for pop3 unless told"},
    {"security", option, "tls: from the start (unless told); starttls; none"},
    {"authority", upload,
     "PEM, by whom its certificate must be signed, for one that has none of a public authority; an empty file: a "
     "public one again"},
    server_key,
    {"mailbox", option, "which one, by imap (INBOX unless told)"},
    {"sort", option,
     "whether the mailbox is for several, whose mail is found by X-Original-To, Envelope-To and Delivered-To: yes, no "
     "(unless told), or another header field; their domain has to be one of ours"},
    {"after", option, "what is here then stays there: keep (unless told), delete, or for a number of days"},
    {"seen", option, "whether what is here is marked as read there: yes, or no (unless told)"},
    {"interval", option, "how often to look, where the provider does not tell of news: 5m unless told"},
    {"thin", option,
     "for a thin link: of a message larger than this, 64K for instance, only the beginning comes until somebody flags "
     "it or gives it the keyword $FetchNow; no (unless told): all come whole"},
};
constexpr Parameter new_keeper[] = {
    new_fetch[0],
    {"host", word, "the provider's server, as it tells: odmr.example.net"},
    {"domains", option,
     "whose mail it keeps for us: example.org,example.com; the office's domain unless told; by etrn also @example.org "
     "for all below, and #name for a queue that the server has for us"},
    {"port", option, "25 for etrn, 366 for atrn, 465 for security tls unless told"},
    {"security", option, "starttls (unless told), tls: from the start, or none"},
    new_fetch[6],
    server_key,
    {"interval", option, "how often to ask for it: 5m unless told; and whenever the link is there again"},
};
constexpr Parameter fetch_login[] = {
    fetch_name[0],
    {"login", word, "as the provider tells it, often a whole mail address"},
    {"token", flag, "what is read is an OAuth 2.0 access token"},
    {"password", known_secret, "reads the password from standard input"},
};
constexpr Parameter upstream_name[] = {{"name", word, "the name that `postern upstream list` shows"}};
constexpr Parameter new_upstream[] = {
    {"name", word, "what it is to be called here: lower-case letters, digits and dashes"},
    {"address", option, "from where it comes: addresses and ranges, 203.0.113.5,2001:db8::/48"},
    {"login", option, "by which it logs in; `postern upstream password` gives it a password"},
    {"certificate", upload,
     "PEM, by which it is known instead: its own client certificate, or that of the authority which signed it"},
};
constexpr Parameter upstream_password[] = {upstream_name[0],
                                           {"password", secret, "reads the new password from standard input"}};
constexpr Parameter new_name[] = {
    {"name", word,
     "printer for printer.office.lan, @ for the office's domain itself, or a name to its end; *.web for whatever is "
     "not added of its own below web.office.lan, be it in the internet"},
    {"type", word, "A, AAAA, CNAME, MX, SRV, TXT, PTR, or TYPE and a number"},
    {"data", words,
     "as in a zone's file: 192.168.1.20, 10 mail, \"some text\", shop.example.com. (a dot at the end of a name that is "
     "whole), \\# 3 010203 for other types"},
    {"ttl", option, "how long others may remember it: 300 seconds unless told"},
};
constexpr Parameter old_name[] = {
    {"name", word, "as it was added"},
    {"record", more_words, "only the one with that type, or type and data"},
};
constexpr Parameter mail_to_trace[] = {
    {"what", word, "an address, of who sent it or whom it was for, or a Message-ID"},
    {"since", option, "only what something happened to since then: 30m, 12h, 2d"},
    {"most", option, "how many messages are shown, the newest (20 unless told)"},
};
constexpr Parameter acme_key[] = {{"password", known_secret, "reads the key from standard input, in base64"}};
constexpr Parameter setting_name[] = {{"name", word, "a name that `postern settings list` shows"}};
constexpr Parameter setting_and_value[] = {setting_name[0], {"value", word, "the new value"}};
constexpr Parameter setup_options[] = {
    {"answers", secret_upload, "what would be asked, as a file; see below"},
    {"plain", flag, "shows the menu as numbered lines, for any terminal"},
    {"lcd", option, "shows it on the display of the LCDd at HOST:PORT"},
    {"unlock", option,
     "the program that opens an encrypted disk, the passphrase on its standard input; "
     "/usr/lib/postern/unlock-data unless told"},
};
constexpr Parameter reset_degree[] = {
    {"degree", word,
     "access: where the box is in the network and, unless its disk is encrypted, the menu's password, as by its reset "
     "button; settings: all but mail, accounts and what they need; mail: everything; version: to the firmware before"}};
constexpr Parameter box_time[] = {
    {"zone", option, "the time zone, Europe/Berlin for instance"},
    {"clock", option, "the time there is now, \"2026-01-05 10:00\", for a box that has no other way to know it"},
};
constexpr Parameter update_file[] = {{"path", word, "the bundle, by its whole path"}};
constexpr Parameter passphrase_file{"passphrase-file", secret_upload,
                                    "a file with a passphrase, without which nobody reads it"};
constexpr Parameter box_backup[] = {{"directory", word, "where, /run/media/sda1 for instance"}, passphrase_file};
constexpr Parameter box_restore[] = {{"path", word, "the backup, by its whole path"}, passphrase_file};
constexpr Parameter disk_encryption[] = {
    {"open", option,
     "passphrase (unless told): it is asked for at each start; tpm2: this box opens it by itself, and the passphrase "
     "is "
     "for the case that the disk is moved to another"},
    {"password", known_secret, "reads the passphrase from standard input"},
};
constexpr Parameter menu_new_password[] = {{"password", secret, "reads the new password from standard input"}};
constexpr Parameter menu_password[] = {{"password", known_secret, "reads the password from standard input"}};
constexpr Parameter check_options[] = {
    {"repair", flag, "without a daemon: makes a new store of what can be read, and keeps the damaged one aside"}};

constexpr Parameter backup_key{"key", option, "a file with a key, as `postern backup-key` makes it"};
constexpr Parameter passphrase{"passphrase", flag, "asks for a passphrase on the terminal"};
constexpr Parameter passphrase_stdin{"passphrase-stdin", flag, "reads the passphrase from standard input"};
constexpr Parameter new_backup[] = {
    {"to", more_words,
     "the file, which must not be there yet; or a directory, in which it is called by office and time"},
    backup_key,
    passphrase,
    passphrase_stdin,
    {"scheduled", flag, "what the settings backup.* want, if it is time; for a timer"},
};
constexpr Parameter new_backup_key[] = {{"to", word, "the file, which must not be there yet; keep it elsewhere, too"}};
constexpr Parameter restored_backup[] = {
    {"from", word, "the file"},
    backup_key,
    passphrase,
    passphrase_stdin,
    {"replace", flag, "also where there is a store, which is kept beside"},
    {"damaged", flag, "also if the store was not whole when the backup was made; `postern check --repair` comes next"},
    {"send-queue", flag, "what waited to leave is sent, though it may have left after the backup was made"},
};
constexpr Parameter exported_account[] = {
    {"account", word, "whose mail"},
    {"to", word, "a directory that is empty or not there yet; for one mailbox as mbox, a file"},
    {"format", option, "maildir (unless told), or mbox"},
    {"mailbox", option, "only this one, as mail programs show it"},
};
constexpr Parameter imported_account[] = {
    {"account", word, "who gets the mail"},
    {"from", word, "a Maildir, an mbox file, or a directory with such files"},
    {"into", option, "the mailbox that all of it comes into; of a file, INBOX unless told"},
};
constexpr Parameter whose_mail[] = {exported_account[0]};
constexpr Parameter whose_mailbox[] = {exported_account[0], {"mailbox", word, "its name"}};
constexpr Parameter whose_subscriptions[] = {exported_account[0], {"names", words, "what is to be subscribed"}};
constexpr Parameter backup_report[] = {{"report", word, "JSON"}};

// In the order in which help shows them.
constexpr Command commands[] = {
    {"account.add", "Makes an account.", new_account, add_account},
    {"account.list", "Lists the accounts.", {}, list_accounts},
    {"account.devices", "Lists the programs by which somebody is logged in, or was since the daemon started.",
     account_name, list_account_devices},
    {"account.password", "Gives an account a new password. Programs that are logged in have to log in again.",
     account_and_password, set_account_password},
    {"account.certificate",
     "Makes a key and certificate by which an account can log in without its password; one made before is of no use "
     "any more. The setting login.certificates has to be yes.",
     account_and_file, make_account_certificate},
    {"account.pkcs12",
     "The same as one file that mail programs and phones import (PKCS#12), with the office's authority, under a "
     "password.",
     account_file_and_password, make_account_pkcs12},
    {"account.revoke", "Makes an account's certificate useless.", account_name, revoke_account_certificate},
    {"account.quota", "Gives an account limits of its own.", account_and_quota, set_account_quota},
    {"account.remove", "Removes an account with all its mail.", account_name, remove_account},
    {"alias.add", "Makes an address that leads elsewhere, or changes where it leads.", alias_and_targets, add_alias},
    {"alias.list", "Lists the aliases.", {}, list_aliases},
    {"alias.remove", "Removes an alias.", alias_address, remove_alias},
    {"shared.add",
     "Makes a mailbox that belongs to the office; administrators have all rights to it. It gets mail once an alias "
     "leads to it.",
     shared_name, add_shared},
    {"shared.list", "Lists the mailboxes that belong to the office.", {}, list_shared},
    {"shared.rights", "Shows who may do what with a mailbox of the office; a dash before a name: is denied that.",
     shared_name, show_shared_rights},
    {"shared.give", "Gives an account rights to a mailbox of the office, and shows what it may now.", shared_and_rights,
     give_shared},
    {"shared.take", "Takes rights from an account, and shows what it still may.", shared_and_rights, take_shared},
    {"shared.remove", "Removes a mailbox of the office.", shared_removal, remove_shared},
    {"queue.list", "Lists the mail that waits to leave the office.", {}, list_queue},
    {"queue.show", "Shows all about one item of the queue.", queue_item, show_queue_item},
    {"queue.retry", "Tries it now, as if its time had come: one item, or all.", queue_item_or_all, retry_queue},
    {"queue.hold", "Keeps an item from being sent until it is released.", queue_item, hold_queue_item},
    {"queue.release", "Lets an item that was held be sent again.", queue_item, release_queue_item},
    {"queue.remove", "Removes an item, which is not sent then; its sender is not told.", queue_item, remove_queue_item},
    {"trace",
     "Tells what became of somebody's mail: when it came, where it went, who put it off or refused it, who read it, "
     "and "
     "where it is now.",
     mail_to_trace, trace_mail, print_trace},
    {"relay.add", "Names a server that takes mail for outside, or changes one (a login that it had stays).", new_relay,
     add_relay},
    {"relay.direct",
     "Has mail go to each domain's own servers, where the site can: a fixed address with a name, and port 25 open.",
     new_direct_relay, add_direct_relay},
    {"relay.login", "Gives a relay the login that it wants from us.", relay_login, set_relay_login},
    {"relay.list", "Lists the relays, and how the link to each is.", {}, list_relays},
    {"relay.test", "Tries a relay, and says what is wrong with it.", tested_relay, test_relay},
    {"relay.remove", "Removes a relay; mail that no other takes waits.", relay_name, remove_relay},
    {"fetch.add",
     "Names a mailbox at a provider from which mail is fetched, or changes one (a login that it had stays).", new_fetch,
     add_fetch},
    {"fetch.atrn",
     "Names a server that keeps mail for us and brings it on the connection on which we ask for it (ATRN), or changes "
     "one.",
     new_keeper, add_atrn},
    {"fetch.etrn",
     "Names a server that keeps mail for us and brings it to our port 25 once it hears that we are there (ETRN), or "
     "changes one; it needs a login only if the server wants one.",
     new_keeper, add_etrn},
    {"fetch.login", "Gives the login to a mailbox at a provider.", fetch_login, set_fetch_login},
    {"fetch.list", "Lists from where mail is fetched, how that goes, and what was left there.", {}, list_fetches},
    {"fetch.test", "Tries a mailbox at a provider, and says what is wrong; then fetches from it.", fetch_name,
     test_fetch},
    {"fetch.remove", "Fetches no more from there, and forgets what was fetched; mail that is here stays.", fetch_name,
     remove_fetch},
    {"upstream.add",
     "Names a server elsewhere, of a provider say, that may bring mail for us to port 25 once it proved who it is; or "
     "changes one.",
     new_upstream, add_upstream},
    {"upstream.password", "Gives the login of such a server a password.", upstream_password, set_upstream_password},
    {"upstream.list", "Lists the servers elsewhere that may bring mail.", {}, list_upstreams},
    {"upstream.remove", "Takes no more mail from such a server.", upstream_name, remove_upstream},
    {"name.add", "Has the name server say something of a name, at once; the names of addresses follow by themselves.",
     new_name, add_name},
    {"name.list", "Lists what was added so.", {}, list_names},
    {"name.remove", "Takes it back.", old_name, remove_name},
    {"lease.list", "Lists the addresses that were handed out to devices (the setting dhcp.serve).", {}, list_leases},
    {"link.show", "Shows how mail leaves the office at the moment, and what waits.", {}, show_link},
    {"link.hold", "Keeps all mail for outside here until `postern link auto`.", {}, hold_link},
    {"link.auto", "Lets mail for outside leave whenever the link is there.", {}, release_link},
    {"settings.list", "Lists the settings with their values, defaults and meanings.", {}, list_settings},
    {"settings.get", "Shows a setting's value.", setting_name, get_setting},
    {"settings.set", "Changes a setting, at once and for good.", setting_and_value, set_setting},
    {"settings.reset", "Gives a setting its default again.", setting_name, reset_setting},
    {"settings.forget",
     "Puts back all that was ever set: settings, relays, mailboxes at providers, upstreams, names, the key for acme, "
     "the menu's password. Accounts, aliases, mail, the queue, the domain and the authority stay.",
     {},
     forget_settings},
    {"mask.list",
     "Lists which mail clients are shown a smaller server, and why; the setting imap.masks adds to it.",
     {},
     list_masks},
    {"certificate.reload",
     "Has clients be shown the certificate that lies in DIR/tls now, own.crt with own.key, and tells which one they "
     "see.",
     {},
     reload_certificate},
    {"acme.key",
     "Gives the key by which the office's zone in the internet is changed, so that a public authority (acme.directory) "
     "sees that its names are ours.",
     acme_key, set_acme_key},
    {"authority.show",
     "Shows how the office's certificate authority is, and when the next one signs.",
     {},
     show_authority},
    {"authority.renew",
     "Makes the next authority, which every device is to trust: the set-up page has it from now on. It signs after "
     "tls.authority_overlap.",
     {},
     renew_authority},
    {"authority.finish",
     "Has it sign now, for an authority whose key got into wrong hands; devices that do not trust it "
     "yet are warned.",
     {},
     finish_authority},
    {"authority.forget", "Takes no more logins by certificates of the authority before.", {}, forget_authority},
    {"setup", "Sets the box up: shows the menu on this terminal, or does at once what a file says.", setup_options,
     set_up},
    {"menu.password", "Gives the menu a new password.", menu_new_password, set_menu_password},
    {"menu.forget",
     "Has the menu ask for no password until it is given one; the status says so.",
     {},
     forget_menu_password},
    {"menu.check", "Tells whether a password is the menu's.", menu_password, check_menu_password},
    {"box.restart", "Starts the box anew.", {}, restart_box},
    {"box.shut-down", "Shuts the box down.", {}, shut_box_down},
    {"box.reset", "Has the box forget what it was told.", reset_degree, reset_box},
    {"box.keep",
     "Says that the version that runs is good and stays: the store is its own from now on, and no more an earlier "
     "one's.",
     {},
     keep_version},
    {"box.time", "Sets the box's time zone, or its clock.", box_time, set_box_time},
    {"box.update", "Brings the box's firmware up to date from a file.", update_file, update_box},
    {"box.backup", "Makes a backup on a stick, as `postern backup` does, and is not waited for.", box_backup,
     back_box_up},
    {"box.restore",
     "Makes the box what it was when a backup was made, as `postern restore --replace` does; the mail system is away "
     "meanwhile.",
     box_restore, restore_box},
    {"box.encrypt",
     "Has the disk encrypted that mail lies on, of a box that has no office yet; box encrypted=no in `postern status` "
     "says that it can be.",
     disk_encryption, encrypt_box},
    {"box.sticks", "Shows the sticks that are in, and which backups and updates are on them.", {}, show_sticks},
    {"box.results", "Shows what came of these.", {}, show_box_results},
    {"status", "Shows how the box is doing.", {}, show_status},
    {"check", "Checks that the store is whole; without a daemon as well.", check_options, check_store},
    {"self-test",
     "Tries whether the box does what it is there for: mail in and out, names, the set-up page, the store. Needs no "
     "internet, and leaves nothing behind.",
     {},
     test_self},
    {"backup",
     "Makes one file of all that the box is, as of one instant: mail, accounts, settings, queue, keys and "
     "certificates; "
     "reads it back and checks it. Mail goes on meanwhile; without a daemon as well. Whoever has the file and no key "
     "or "
     "passphrase protects it has the mail and the keys.",
     new_backup, nullptr},
    {"backup-key", "Makes a key for backups that nobody has to type a passphrase for.", new_backup_key, nullptr},
    {"restore",
     "Makes the box what it was when a backup was made; the daemon must not run. What waited to leave then is held, "
     "since it may have left afterwards: see `postern queue list`, and `postern queue release` or `remove` each. Mail "
     "that came or was filed afterwards is gone.",
     restored_backup, nullptr},
    {"export", "Writes an account's mail for other software, as Maildir++ or mbox; what is shared with it stays out.",
     exported_account, nullptr},
    {"import",
     "Brings the mail of other software's Maildir or mbox files into an account. It may be run again: what is there "
     "with the same date, size and checksum is not brought twice.",
     imported_account, nullptr},
};

constexpr Command inner_commands[] = {
    {"backup.content", "The store as of now.", {}, send_backup_content},
    {"export.mailboxes", "Which mailboxes an account has.", whose_mail, list_exported_mailboxes},
    {"export.letters", "The mail in one of them.", whose_mailbox, send_letters},
    {"import.letters", "Mail for one of them, which is made.", whose_mailbox, take_letters},
    {"import.subscriptions", "What an account is to be subscribed to.", whose_subscriptions, take_subscriptions},
    {"backup.report", "What became of a backup.", backup_report, take_backup_report},
};

} // namespace

std::span<Command const> command_table() { return commands; }

Command const* find_command(std::string_view name) {
    auto const row = std::ranges::find(commands, name, &Command::name);
    return row == std::end(commands) ? nullptr : row;
}

Command const* find_inner_command(std::string_view name) {
    auto const row = std::ranges::find(inner_commands, name, &Command::name);
    return row == std::end(inner_commands) ? nullptr : row;
}

std::string const& Arguments::word(std::string_view name) const {
    return std::get<std::string>(values_.find(name)->second);
}

std::vector<std::string> const& Arguments::words(std::string_view name) const {
    return std::get<std::vector<std::string>>(values_.find(name)->second);
}

std::optional<std::string> Arguments::option(std::string_view name) const {
    return values_.contains(name) ? std::optional(word(name)) : std::nullopt;
}

core::Secret const& Arguments::secret(std::string_view name) const {
    return std::get<core::Secret>(values_.find(name)->second);
}

Answer answer(Outcome const& outcome, std::string_view about, json::value result) {
    if (!outcome) return refused(std::format("{}: {}", about, store::describe(outcome.error())));
    if (*outcome) return refused(**outcome);
    return result;
}

std::string written(core::WallTime time) { return std::format("{:%FT%TZ}", time); }

std::optional<core::WallTime> read_written(std::string_view time) {
    std::istringstream in{std::string(time)};
    core::WallTime read;
    in >> std::chrono::parse("%FT%TZ", read);
    return in ? std::optional(read) : std::nullopt;
}

} // namespace postern::control
