#include "control/answers.h"

#include "control/actions.h"
#include "control/box_requests.h"
#include "control/servers.h"
#include "core/settings.h"
#include "core/trim.h"
#include "office/setting_rules.h"
#include "text/idn.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>

namespace postern::control {

namespace {

using Failure = std::unexpected<std::string>;
constexpr std::string_view account_prefix = "account.", account_end = ".password", relay_prefix = "relay.";
constexpr std::string_view relay_names[] = {"host", "port", "security", "login", "password"};

// Of a line's end as Windows writes it.
std::string_view without_return(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

class Reader {
public:
    // Nothing: it was taken; otherwise a sentence.
    std::optional<std::string> take(std::string_view name, std::string_view value) {
        if (std::ranges::contains(seen_, name)) return std::format("{} is there twice", name);
        seen_.emplace_back(name);
        if (name == "domain") return take_domain(value);
        if (name == "language") return take_setting("office.language", value);
        if (name == "password") {
            answers_.password = core::Secret(value);
            return std::nullopt;
        }
        if (name.starts_with(account_prefix) && name.ends_with(account_end) &&
            name.size() > account_prefix.size() + account_end.size()) {
            name.remove_prefix(account_prefix.size());
            return take_account(name.substr(0, name.size() - account_end.size()), value);
        }
        if (name == "encrypt") {
            if (value != "passphrase" && value != "tpm2")
                return std::format("the disk is encrypted with a passphrase or by tpm2, not with {}", value);
            opens_ = value;
            return std::nullopt;
        }
        if (name == "encrypt.passphrase") {
            if (value.size() < shortest_passphrase)
                return std::format("a passphrase for the disk has at least {} characters", shortest_passphrase);
            disk_passphrase_ = core::Secret(value);
            return std::nullopt;
        }
        if (name.starts_with(relay_prefix)) return take_relay(name.substr(relay_prefix.size()), value);
        return take_setting(name, value);
    }

    std::expected<Answers, std::string> finish() {
        if (answers_.domain.empty()) return Failure("there is no domain: write domain = office.lan, or your own");
        if (answers_.password.empty())
            return Failure("there is no password: write password = and one for the administrator");
        if (opens_.empty() != disk_passphrase_.empty())
            return Failure("of encrypt and encrypt.passphrase one is there without the other");
        if (!opens_.empty()) answers_.encryption = Encryption{opens_, std::move(disk_passphrase_)};
        if (has_relay_) {
            store::Relay relay;
            relay.name = "provider";
            if (auto wrong = apply_server(relay_, {relay.host, relay.port, relay.security, relay.authority},
                                          submission_ports, true))
                return Failure(std::move(*wrong));
            if (relay.host.empty()) return Failure("there is something about a relay, but no relay.host");
            if (relay_login_.empty() != relay_password_.empty())
                return Failure("of relay.login and relay.password one is there without the other");
            relay.login = relay_login_;
            relay.password = std::move(relay_password_);
            answers_.relay = std::move(relay);
        }
        return std::move(answers_);
    }

private:
    std::optional<std::string> take_domain(std::string_view value) {
        auto const domain = text::domain_to_ascii(value);
        if (!domain || domain->empty()) return std::format("\"{}\" is no domain name", value);
        answers_.domain = *domain;
        return std::nullopt;
    }

    std::optional<std::string> take_account(std::string_view name, std::string_view value) {
        if (auto refusal = account_name_refusal(name)) return refusal;
        if (name == administrator_login)
            return std::format("the account {} is there anyway, with the password of the line password", name);
        if (value.empty()) return std::format("the account {} has no password", name);
        answers_.accounts.emplace_back(std::string(name), core::Secret(value));
        return std::nullopt;
    }

    std::optional<std::string> take_relay(std::string_view name, std::string_view value) {
        if (!std::ranges::contains(relay_names, name)) return std::format("there is no answer relay.{}", name);
        has_relay_ = true;
        if (name == "login")
            relay_login_ = value;
        else if (name == "password")
            relay_password_ = core::Secret(value);
        else
            relay_.put(name, std::string(value));
        return std::nullopt;
    }

    std::optional<std::string> take_setting(std::string_view name, std::string_view value) {
        if (!tried_.written(name)) return std::format("there is no answer {}", name);
        if (auto wrong = setting_refusal(name, value)) return wrong;
        (void)tried_.set(name, value);
        if (!tried_.is_default(name)) answers_.settings.emplace_back(name, value);
        return std::nullopt;
    }

    Answers answers_;
    std::vector<std::string> seen_;
    core::Settings tried_;
    bool has_relay_ = false;
    Arguments relay_;
    std::string opens_;
    core::Secret disk_passphrase_;
    std::string relay_login_;
    core::Secret relay_password_;
};

} // namespace

std::expected<Answers, std::string> read_answers(std::string_view text) {
    if (!text::is_utf8(text)) return Failure("the answers are no text");
    Reader reader;
    for (unsigned number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = core::trimmed(without_return(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#')) continue;
        auto const equals = line.find('=');
        if (equals == std::string_view::npos) return Failure(std::format("line {} is not NAME = VALUE", number));
        if (auto const wrong =
                reader.take(core::trimmed(line.substr(0, equals)), core::trimmed(line.substr(equals + 1))))
            return Failure(std::format("line {}: {}", number, *wrong));
    }
    return reader.finish();
}

std::optional<std::string> setting_refusal(std::string_view name, std::string_view value) {
    core::Settings tried;
    if (auto const valid = tried.set(name, value); !valid) return valid.error();
    return office::objection(name, value);
}

std::string answers_help() {
    return R"(
The file of --answers has lines NAME = VALUE; what begins with # is passed over.

  domain = office.lan             the office's mail domain, for good
  password = ...                  of the account admin, the administrator's, and of the menu
  language = de                   of the menu: en, de, fr, es or ru; en unless told
  account.alice.password = ...    makes an account; as many as you like
  relay.host = smtp.example.net   who takes mail for outside; also relay.port, relay.security (tls, starttls),
                                  relay.login and relay.password
  network.address = 192.168.1.2/24, network.router = 192.168.1.1, dns.servers = 192.168.1.1
                                  unless the box gets its address from a router (DHCP)
  dhcp.serve = yes                the box hands out addresses itself
  encrypt = passphrase            the disk is encrypted, and its passphrase asked for at each start; tpm2: the box opens
                                  it by itself; encrypt.passphrase = ... is the passphrase, for both
  any setting = ...               as `postern settings list` shows them

All of it is done, or nothing. On a box that has its office it changes nothing, and says so. The file holds passwords:
delete it once the box is set up.
)";
}

} // namespace postern::control
