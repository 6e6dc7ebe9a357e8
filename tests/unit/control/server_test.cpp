#include "control/alarms.h"
#include "control/client.h"
#include "control/daemon.h"
#include "control/server.h"
#include "core/log.h"
#include "net/certificate.h"
#include "office/journal.h"
#include "office/login.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/audit.h"
#include "store/delivery.h"
#include "store/fetches.h"
#include "store/lmdb.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/relays.h"
#include "store/schema.h"
#include "store/settings.h"
#include "support/fake_provider.h"
#include "support/fake_relay.h"
#include "support/office_fixture.h"
#include "text/base64.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>

#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <format>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

using namespace postern;
using namespace postern::control;
using namespace std::chrono_literals;

TEST_GROUP(ControlServer) {
    // Gone after the context on which their coroutines are.
    std::unique_ptr<relay::Dispatcher> dispatcher;
    std::unique_ptr<fetch::Fetcher> fetcher;
    test::OfficeFixture fixture;
    test::FakeRelay net{fixture.io};
    office::Journal journal{fixture.directory() / "journal", fixture.clock, {.octets = 1 << 20, .age = 24h}};
    test::FakeProvider mail_provider{fixture.io};
    int names_changes = 0;
    Daemon daemon{
        fixture.office,
        make_dispatcher(),
        make_fetcher(),
        journal,
        fixture.directory(),
        fixture.clock.steady(),
        [] { return std::vector<ServiceStatus>{{"imaps", 993, 2}}; },
        [](std::string_view name) { return name == "IDLE" || name == "move"; },
        [this]() -> store::Result<void> {
            ++names_changes;
            return {};
        },
        [] {},
        []() -> asio::awaitable<dns::ForwarderStatus> {
            dns::ForwarderStatus status;
            status.servers = {{"192.0.2.53", 20ms, 1, 7, 6, "does not answer"},
                              {"tls://192.0.2.54/dns.example", {}, 0, 0, 0, {}}};
            status.reachability = dns::Reachability::State::silent;
            status.stale = 3;
            co_return status;
        },
        [] { return dns::Responder::Counts{.queries = 9, .refused = 2, .outside = 3, .left_away = 4, .waiting = 1}; },
        [] {
            return std::vector{dhcp::Lease{core::WallTime(1'790'000'000s), "52:54:00:12:34:56",
                                           dns::IpAddress::parse("192.168.1.100").value(), "desk"}};
        },
        [] { return "192.168.1.100 to 192.168.1.199 on eth0"; },
        [this] { ++looks_at_certificate; },
        [this] { return certificate; },
        [this] { return offices_authority; },
        [this](AuthorityChange change) -> std::expected<void, std::string> {
            if (change != AuthorityChange::prepare_next) return std::unexpected("there is no next authority");
            offices_authority.next_signs = offices_authority.until;
            return {};
        },
        [this]() -> asio::awaitable<std::expected<std::vector<SelfTestStep>, std::string>> {
            co_return self_test_steps;
        }};
    std::vector<SelfTestStep> self_test_steps{{"smtp", true, "took a message"}, {"imap", true, "shows the message"}};
    AuthorityStatus offices_authority{.until = {}, .next_signs = {}};
    CertificateStatus certificate{.of = "the administrator", .host = "mail.firm.example", .until = {}, .trouble = {}};
    unsigned looks_at_certificate = 0;
    std::filesystem::path path = fixture.directory() / "control.sock";
    std::unique_ptr<Server> server;

    relay::Dispatcher& make_dispatcher() {
        dispatcher = std::make_unique<relay::Dispatcher>(fixture.office, net, net, fixture.io.get_executor());
        return *dispatcher;
    }
    fetch::Fetcher& make_fetcher() {
        fetcher =
            std::make_unique<fetch::Fetcher>(fixture.office, mail_provider, fixture.memory, fixture.io.get_executor());
        return *fetcher;
    }

    void setup() override {
        core::set_log_level(core::Level::error);
        server = Server::listen(fixture.io.get_executor(), path, actions_of(daemon), fixture.stop).value();
    }

    // The server, and what is at the other end of the dispatcher's connections.
    template <typename Condition> void run_until(Condition condition) {
        auto const give_up = std::chrono::steady_clock::now() + 60s;
        while (!condition()) {
            CHECK_TEXT(std::chrono::steady_clock::now() < give_up, "what was waited for did not happen");
            fixture.io.restart();
            fixture.io.run_one_for(1ms);
            net.answer_all();
            mail_provider.answer_all();
        }
    }
    void tell_alarms() {
        bool told = false;
        asio::co_spawn(fixture.io, control::tell_alarms(daemon), [&](std::exception_ptr const&) { told = true; });
        run_until([&] { return told; });
    }
    std::string told_alarms() {
        tell_alarms();
        std::ifstream in(daemon.run / "alarms");
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // `work` on a thread of its own, as another process would.
    template <typename Work> auto beside(Work work) {
        auto result = std::async(std::launch::async, work);
        run_until([&] { return result.wait_for(0s) == std::future_status::ready; });
        return result.get();
    }
    Answer ask(std::string_view command, json::object arguments = {}) {
        return beside([&] { return Client::connect(path).value()->ask(*find_command(command), arguments); });
    }
    std::string reason(std::string_view command, json::object arguments = {}) {
        auto const answer = ask(command, std::move(arguments));
        return answer ? std::string("done") : answer.error().reason;
    }
    std::vector<store::AuditRow> audit(std::size_t most) {
        return fixture.store()
            .read_here(
                [most](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::AuditRow>> {
                    return store::list_audit(transaction, most);
                })
            .value();
    }
    std::string newest_audit() {
        auto const rows = audit(1);
        return rows.empty() ? std::string() : rows.front().event + ": " + rows.front().details;
    }
    static std::string by_us() { return " by=uid " + std::to_string(::getuid()); }
    store::Relay relay(std::string_view name) {
        return fixture.store()
            .read_here([name](store::ReadTransaction const& transaction) -> store::Result<store::Relay> {
                return store::find_relay(transaction, name).value();
            })
            .value();
    }
    // With the words for "relay add", or the sentence of a refusal.
    std::string add_relay(json::object options = {}) {
        options.emplace("name", "provider");
        options.emplace("host", "smtp.example.net");
        return reason("relay.add", std::move(options));
    }
    std::string add_fetch(json::object options = {}) {
        options.emplace("name", "provider");
        options.emplace("host", "imap.example.net");
        options.emplace("account", "alice");
        return reason("fetch.add", std::move(options));
    }
    // One message of alice's for somebody elsewhere. Its number in the queue, as it is typed.
    std::string queue_mail() {
        store::NewMessage message;
        message.body = "Subject: x\r\n\r\nbody\r\n";
        message.size = 20;
        message.internal_date = fixture.clock.wall();
        store::Delivery delivery;
        delivery.outside = {{"eve@example.com", {"FAILURE", "rfc822;eve"}}};
        delivery.owner = fixture.alice;
        delivery.reverse_path = "alice@office.lan";
        delivery.envelope_id = "QQ314159";
        delivery.return_content = "HDRS";
        CHECK(fixture.store()
                  .write_here([&](store::WriteTransaction& transaction) {
                      return store::deliver(transaction, message, delivery, {}, fixture.clock.wall());
                  })
                  .has_value());
        return std::to_string(ask("queue.list").value().as_array().back().at("id").to_number<std::uint64_t>());
    }
    // Of all that is queued.
    std::vector<std::string> queue_states() {
        std::vector<std::string> states;
        json::array const rows = ask("queue.list").value().as_array();
        for (json::value const& row : rows) states.emplace_back(row.at("state").as_string());
        return states;
    }
    // What a peer that speaks as it likes is told.
    std::string talk(std::string const& octets) {
        return beside([&] {
            asio::io_context context;
            asio::local::stream_protocol::socket socket(context);
            socket.connect({path.native()});
            boost::system::error_code ignored;
            asio::write(socket, asio::buffer(octets), ignored);
            socket.shutdown(asio::socket_base::shutdown_send, ignored);
            std::string reply;
            asio::read_until(socket, asio::dynamic_buffer(reply), "no such end", ignored);
            return reply;
        });
    }
};

TEST(ControlServer, lets_only_owner_and_group_in) {
    struct stat status{};
    CHECK(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0660U);
}

TEST(ControlServer, makes_lists_and_removes_accounts) {
    CHECK(ask("account.add", {{"name", "carol"}, {"password", "secret-carol"}}).has_value());
    auto const uid = "uid " + std::to_string(::getuid());
    CHECK(newest_audit() == "account.add: account=carol administrator=no by=" + uid);
    auto const accounts = ask("account.list");
    CHECK(accounts->as_array().size() == 3);
    CHECK(accounts->as_array()[2].at("name") == "carol");
    CHECK(accounts->as_array()[2].at("administrator") == false);
    CHECK(reason("account.add", {{"name", "carol"}, {"password", "x"}}).starts_with("carol: "));
    CHECK(ask("account.remove", {{"name", "carol"}}).has_value());
    CHECK(reason("account.remove", {{"name", "carol"}}).starts_with("carol: "));
    CHECK(ask("account.list")->as_array().size() == 2);
}

TEST(ControlServer, gives_accounts_limits_of_their_own) {
    auto const limits = [&] {
        auto const bob = ask("account.list").value().as_array()[1].as_object();
        return json::array{bob.at("quota_octets"), bob.at("quota_messages")};
    };
    auto const set = [&](std::string_view octets, std::string_view messages) {
        return reason("account.quota", {{"name", "bob"}, {"octets", octets}, {"messages", messages}});
    };
    CHECK(limits() == (json::array{nullptr, nullptr}));
    CHECK(fixture.set("account.quota", "1G").has_value());
    CHECK(set("500M", "1000") == "done");
    CHECK(newest_audit().starts_with("account.quota: account=bob octets=524288000 messages=1000 by=uid "));
    CHECK(limits() == (json::array{524288000U, 1000U}));
    CHECK(set("default", "none") == "done");
    CHECK(newest_audit().starts_with("account.quota: account=bob octets=default messages=none by=uid "));
    CHECK(limits() == (json::array{1073741824U, nullptr}));
    for (std::string_view const wrong : {"", "0", "-1", "much", "1T", "9223372036854775807"}) {
        CHECK(set(wrong, "none") ==
              std::format("a limit is a number such as 500M or 2G, none or default, not \"{}\"", wrong));
        CHECK(set("none", wrong) == std::format("a limit is a number, none or default, not \"{}\"", wrong));
    }
    CHECK(set("none", "1K") != "done");
    CHECK(reason("account.quota", {{"name", "carol"}, {"octets", "1G"}, {"messages", "1"}}).starts_with("carol: "));
    CHECK(limits() == (json::array{1073741824U, nullptr}));
}

TEST(ControlServer, keeps_the_last_administrator) {
    CHECK(reason("account.remove", {{"name", "alice"}}).contains("only administrator"));
    CHECK(reason("account.add", {{"name", "carol"}, {"password", "x"}, {"administrator", true}}) == "done");
    CHECK(reason("account.remove", {{"name", "alice"}}) == "done");
}

TEST(ControlServer, refuses_names_and_passwords_that_cannot_be) {
    for (std::string_view const name :
         {"", "Carol", "postmaster", "abuse", ".a", "a.", "a..b", "a b", "a@office.lan", "a+b", "k\xC3\xA4the",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
        CHECK(reason("account.add", {{"name", name}, {"password", "x"}}) != "done");
    CHECK(reason("account.add", {{"name", "carol"}, {"password", ""}}).contains("password cannot be used"));
    CHECK(reason("account.password", {{"name", "carol"}, {"password", "x"}}).starts_with("carol: "));
    CHECK(ask("account.list")->as_array().size() == 2);
}

TEST(ControlServer, gives_the_first_account_the_administration) {
    for (auto const account : {fixture.bob, fixture.alice})
        CHECK(fixture.store()
                  .write_here(
                      [&](store::WriteTransaction& transaction) { return store::remove_account(transaction, account); })
                  .has_value());
    CHECK(ask("account.add", {{"name", "first"}, {"password", "x"}}).has_value());
    CHECK(ask("account.list")->as_array()[0].at("administrator") == true);
}

TEST(ControlServer, completes_and_checks_aliases) {
    CHECK(reason("alias.add", {{"address", "Sales"}, {"targets", {"alice", "Eve@Example.COM"}}}) == "done");
    CHECK(reason("alias.add", {{"address", "@OFFICE.lan"}, {"targets", {"bob"}}}) == "done");
    CHECK(ask("alias.list").value() ==
          (json::array{{{"address", "@office.lan"}, {"targets", {"bob@office.lan"}}},
                       {{"address", "sales@office.lan"}, {"targets", {"alice@office.lan", "Eve@example.com"}}}}));
    CHECK(reason("alias.add", {{"address", "sales@example.com"}, {"targets", {"bob"}}}).contains("not a domain"));
    CHECK(reason("alias.add", {{"address", "a b"}, {"targets", {"bob"}}}).contains("no mail address"));
    CHECK(reason("alias.add", {{"address", "x"}, {"targets", {"<bob>"}}}).contains("no mail address"));
    CHECK(reason("alias.remove", {{"address", "SALES"}}) == "done");
    CHECK(newest_audit().starts_with("alias.remove: alias=sales@office.lan by="));
    CHECK(reason("alias.remove", {{"address", "sales"}}).contains("no such alias"));
}

TEST(ControlServer, makes_lists_and_removes_mailboxes_of_the_office) {
    auto const uid = "uid " + std::to_string(::getuid());
    CHECK(reason("shared.add", {{"name", "Shared/Sales"}}) == "done");
    CHECK(newest_audit() == "shared.add: by=" + uid + " mailbox=Shared/Sales");
    CHECK(reason("shared.add", {{"name", "Shared/Sales"}}) == "Shared/Sales: the mailbox exists already");
    CHECK(reason("shared.add", {{"name", "Shared/Sales/2026/"}}) == "done");
    json::array const rows = ask("shared.list").value().as_array();
    CHECK(rows.size() == 2);
    CHECK(rows[0] == (json::object{{"name", "Shared/Sales"},
                                   {"messages", 0U},
                                   {"octets", 0U},
                                   {"addresses", json::array()},
                                   {"created", "2026-01-05T10:00:00Z"}}));
    CHECK(rows[1].at("name") == "Shared/Sales/2026");
    for (std::string_view const name : {"", "Sales", "Shared", "Shared/", "Shared//x", "Shared/inbox", "shared/x",
                                        "Other Users/bob/x", "Shared/a\nb"})
        CHECK(reason("shared.add", {{"name", name}}).contains("is no name of a mailbox of the office"));
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}}) ==
          "Shared/Sales/2026 is below Shared/Sales; remove that first");
    CHECK(reason("shared.remove", {{"name", "Shared/Sales/2026"}}) == "done");
    CHECK(newest_audit() == "shared.remove: messages=0 by=" + uid + " mailbox=Shared/Sales/2026");
    CHECK(reason("shared.remove", {{"name", "Shared/Sales/2026"}}) == "Shared/Sales/2026: no such mailbox");
}

TEST(ControlServer, removes_no_mail_of_the_office_unless_told) {
    CHECK(reason("shared.add", {{"name", "Shared/Sales"}}) == "done");
    store::NewMessage message;
    message.body = "Subject: x\r\n\r\nbody\r\n";
    message.size = 20;
    CHECK(fixture.store()
              .write_here([&](store::WriteTransaction& transaction) {
                  auto const mailbox = store::find_mailbox(transaction, store::the_office, "Sales").value();
                  return store::append(transaction, message, {mailbox.id, {}, {}}, {}, fixture.clock.wall());
              })
              .has_value());
    CHECK(ask("shared.list").value().as_array()[0].at("messages") == 1U);
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}}).starts_with("Shared/Sales holds mail (messages: 1)"));
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}, {"with-mail", true}}) == "done");
    CHECK(ask("shared.list").value().as_array().empty());
}

TEST(ControlServer, gives_and_takes_rights_to_mailboxes_of_the_office) {
    CHECK(reason("shared.add", {{"name", "Shared/Sales"}}) == "done");
    auto const change = [&](std::string_view command, std::string_view who, json::array rights) {
        return ask(command, {{"name", "Shared/Sales"}, {"who", who}, {"rights", std::move(rights)}});
    };
    auto const row = [](std::string_view who, json::array rights, std::string_view letters) {
        return json::object{{"who", who}, {"rights", std::move(rights)}, {"letters", letters}};
    };
    CHECK(ask("shared.rights", {{"name", "Shared/Sales"}}).value() ==
          (json::array{row("alice", {"all"}, "lrswipkxtecda"), row("anyone", {"post"}, "p")}));
    CHECK(change("shared.take", "anyone", {"post"}) == row("anyone", json::array(), ""));
    CHECK(change("shared.give", "Bob@office.lan", {"write"}) == row("Bob@office.lan", {"read", "write"}, "lrswited"));
    CHECK(newest_audit().starts_with("shared.give: who=Bob@office.lan rights=lrswited by=uid "));
    CHECK(newest_audit().ends_with(" mailbox=Shared/Sales"));
    CHECK(change("shared.give", "anyone", {"post"}) == row("anyone", {"post"}, "p"));
    CHECK(ask("shared.rights", {{"name", "Shared/Sales"}}).value() ==
          (json::array{row("alice", {"all"}, "lrswipkxtecda"), row("anyone", {"post"}, "p"),
                       row("bob", {"read", "write"}, "lrswited")}));
    CHECK(change("shared.take", "bob", {"write"}) == row("bob", {"read", "post"}, "lrsp"));
    CHECK(change("shared.take", "bob", {"all"}) == row("bob", {"post"}, "p"));
    CHECK(newest_audit().starts_with("shared.take: who=bob rights=lrswipkxtecda by=uid "));
    // What an IMAP client denied somebody is given all the same.
    CHECK(fixture.store()
              .write_here([&](store::WriteTransaction& transaction) {
                  auto const mailbox = store::find_mailbox(transaction, store::the_office, "Sales").value();
                  return store::set_acl_entry(transaction, mailbox.id,
                                              {fixture.bob, {}, core::Right::read | core::Right::write});
              })
              .has_value());
    CHECK(ask("shared.rights", {{"name", "Shared/Sales"}}).value().as_array()[2] == row("-bob", {"rw"}, "rw"));
    CHECK(change("shared.give", "bob", {"read"}) == row("bob", {"read", "post"}, "lrsp"));
    CHECK(ask("shared.rights", {{"name", "Shared/Sales"}}).value().as_array()[3] == row("-bob", {"w"}, "w"));

    CHECK(change("shared.give", "carol", {"read"}).error().reason.starts_with("carol is no account"));
    CHECK(change("shared.give", "alice", {"read"}).error().reason ==
          "alice is an administrator, and keeps all rights to Shared/Sales");
    CHECK(change("shared.take", "alice", {"all"}).error().reason.contains("keeps all rights"));
    CHECK(change("shared.give", "bob", {"everything"}).error().reason.starts_with("\"everything\" is no right"));
    for (std::string_view const command : {"shared.give", "shared.take"})
        CHECK(reason(command, {{"name", "Shared/Info"}, {"who", "bob"}, {"rights", {"read"}}}) ==
              "Shared/Info: no such mailbox");
    CHECK(reason("shared.rights", {{"name", "Shared/Info"}}) == "Shared/Info: no such mailbox");
}

TEST(ControlServer, leads_addresses_to_mailboxes_of_the_office) {
    auto const alias = [&](json::array targets) {
        return reason("alias.add", {{"address", "sales"}, {"targets", std::move(targets)}});
    };
    CHECK(alias({"Shared/Sales"}) == "Shared/Sales: there is no such mailbox; make it by `postern shared add`");
    CHECK(reason("shared.add", {{"name", "Shared/Sales"}}) == "done");
    CHECK(reason("shared.add", {{"name", "Shared/Old/Sales"}}) == "done");
    CHECK(alias({"Shared/Sales", "bob", "Shared/Old/Sales"}) == "done");
    CHECK(newest_audit().ends_with(" targets=bob@office.lan Shared/Sales Shared/Old/Sales "));
    CHECK(ask("alias.list").value().as_array()[0].at("targets") ==
          (json::array{"bob@office.lan", "Shared/Sales", "Shared/Old/Sales"}));
    CHECK(ask("shared.list").value().as_array()[2].at("addresses").as_array()[0] == "sales@office.lan");
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}, {"with-mail", true}}) ==
          "mail to sales@office.lan goes to Shared/Sales; lead it elsewhere first, by `postern alias`");
    CHECK(alias({"Shared/"}).contains("is no name of a mailbox of the office"));
    CHECK(alias({"\"Shared/x\"@example.com"}) == "done"); // an address after all
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}}) == "done");
    CHECK(reason("shared.take", {{"name", "Shared/Old/Sales"}, {"who", "anyone"}, {"rights", {"all"}}}) == "done");
    CHECK(alias({"bob", "Shared/Old/Sales"}).starts_with("nobody may send mail to Shared/Old/Sales; let them by "));
    CHECK(ask("alias.list").value().as_array()[0].at("targets").as_array().size() == 1);
}

TEST(ControlServer, makes_certificates_as_files) {
    core::SystemRandom random;
    CHECK(net::load_or_make_identity(fixture.directory() / "tls", "office.lan", {}, fixture.clock.wall(), random)
              .has_value());
    auto const content = [&](std::string_view command, json::object arguments) {
        return text::base64_decode(ask(command, std::move(arguments)).value().as_string()).value();
    };
    CHECK(content("account.certificate", {{"name", "bob"}}).contains("PRIVATE KEY"));
    CHECK(newest_audit().starts_with("account.certificate: account=bob by=uid "));
    CHECK(content("account.pkcs12", {{"name", "bob"}, {"password", "correct horse"}}).starts_with('\x30'));
    CHECK(newest_audit().starts_with("account.pkcs12: account=bob by=uid "));
    CHECK(reason("account.pkcs12", {{"name", "carol"}, {"password", "x"}}) == "carol: no such account");
    CHECK(reason("account.pkcs12", {{"name", "bob"}, {"password", ""}}).contains("password cannot be used"));
    CHECK(reason("account.pkcs12", {{"name", "bob"}, {"password", "k\xc3\xa4se"}}).contains("not of printable ASCII"));
}

TEST(ControlServer, changes_settings_at_once_and_for_good) {
    CHECK(reason("settings.set", {{"name", "login.iterations"}, {"value", "5000"}}) == "done");
    CHECK(fixture.office.settings->count("login.iterations") == 5000);
    CHECK(ask("settings.get", {{"name", "login.iterations"}}).value() == "5000");
    CHECK(reason("settings.set", {{"name", "login.iterations"}, {"value", "1"}}) != "done");
    CHECK(reason("settings.set", {{"name", "office.domain"}, {"value", "x"}}).contains("no setting office.domain"));
    CHECK(reason("settings.get", {{"name", "nonsense"}}).contains("no setting nonsense"));
    CHECK(reason("settings.reset", {{"name", "login.iterations"}}) == "done");
    CHECK(reason("settings.reset", {{"name", "login.iterations"}}) == "done"); // once more is no harm
    CHECK(fixture.office.settings->is_default("login.iterations"));
    CHECK(ask("settings.list")->as_array().size() == core::setting_table().size());
    for (std::string const wrong : {"mail", "Mail.firm.example", "mail..example", "a b.example"})
        CHECK(reason("settings.set", {{"name", "tls.host"}, {"value", wrong}}).contains("is not a whole host name"));
    CHECK(reason("settings.set", {{"name", "tls.host"}, {"value", "mail.firm.example"}}) == "done");
    CHECK(reason("settings.set", {{"name", "tls.host"}, {"value", ""}}) == "done");
    for (std::string const setting : {"dns.private_domains", "mail.local_domains"}) {
        for (std::string const wrong : {"a.example, b..example", "*.example", "192.0.2.0/24", "."})
            CHECK(reason("settings.set", {{"name", setting}, {"value", wrong}}).contains("takes domain names"));
        for (std::string const right : {"", "a.example, _b.lan B\xc3\xbcro.example", "2.0.192.in-addr.arpa."})
            CHECK(reason("settings.set", {{"name", setting}, {"value", right}}) == "done");
    }
}

TEST(ControlServer, takes_no_mask_of_what_there_is_not) {
    auto const set = [&](std::string_view rules) {
        return reason("settings.set", {{"name", "imap.masks"}, {"value", rules}});
    };
    CHECK(set("account bob: IDLE move (hangs)") == "done");
    CHECK(set("account bob: IDLE (hangs); account bob: MOEV (hangs)").starts_with("there is no capability MOEV "));
    CHECK(fixture.office.settings->written("imap.masks") == "account bob: IDLE move (hangs)");
    CHECK(set("") == "done");
}

TEST(ControlServer, shows_the_queue) {
    CHECK(ask("queue.list").value() == json::array());
    auto const id = queue_mail();
    auto const list = ask("queue.list");
    CHECK(list->as_array().size() == 1);
    json::object const& row = list->as_array()[0].as_object();
    CHECK(row.at("recipient") == "eve@example.com");
    CHECK(row.at("octets") == 20U);
    auto const shown = ask("queue.show", {{"id", id}});
    CHECK(shown->at("owner") == "alice");
    CHECK(shown->at("notify") == "FAILURE");
    CHECK(shown->at("envelope_id") == "QQ314159");
    CHECK(shown->at("queued") == "2026-01-05T10:00:00Z");
    CHECK(reason("queue.show", {{"id", "999"}}).contains("no such"));
    CHECK(reason("queue.show", {{"id", "1x"}}).contains("not the number"));
}

TEST(ControlServer, holds_releases_and_removes_what_is_queued) {
    CHECK(dispatcher->start().has_value());
    auto const first = queue_mail(), second = queue_mail();
    CHECK(reason("queue.hold", {{"id", first}}) == "done");
    CHECK(reason("queue.hold", {{"id", first}}) == "done"); // once more is no harm
    CHECK(queue_states() == (std::vector<std::string>{"held", "waiting"}));
    CHECK(add_relay({{"security", "none"}}) == "done");
    run_until([&] { return net.received.size() == 1; });
    CHECK(reason("queue.retry", {{"id", first}}) == "done"); // it stays held all the same
    CHECK(reason("queue.retry", {{"id", "all"}}) == "done");
    run_until([&] { return queue_states() == std::vector<std::string>{"held"}; });
    CHECK(reason("queue.remove", {{"id", second}}) == second + ": no such queue item");
    CHECK(reason("queue.release", {{"id", first}}) == "done");
    run_until([&] { return queue_states().empty(); });
    CHECK_EQUAL(2U, net.received.size());
    CHECK(reason("queue.release", {{"id", first}}) == first + ": no such queue item");

    CHECK(reason("link.hold") == "done");
    auto const third = queue_mail();
    CHECK(reason("queue.hold", {{"id", third}}) == "done");
    CHECK(newest_audit().starts_with(std::format("queue.hold: item={} from=", third)));
    CHECK(reason("queue.release", {{"id", third}}) == "done");
    CHECK(newest_audit().starts_with(std::format("queue.release: item={} from=", third)));
    CHECK(reason("queue.remove", {{"id", third}}) == "done");
    CHECK(newest_audit().starts_with(std::format("queue.remove: item={} from=", third)) &&
          newest_audit().ends_with(by_us()));
    CHECK(queue_states().empty());
    for (std::string_view const command : {"queue.retry", "queue.hold", "queue.release", "queue.remove"}) {
        CHECK(reason(command, {{"id", third}}) == third + ": no such queue item");
        for (std::string_view const wrong : {"", "1x", "-1", "18446744073709551616"})
            CHECK(reason(command, {{"id", wrong}}) == std::format("{} is not the number of a queue item", wrong));
    }
    CHECK(reason("queue.hold", {{"id", "all"}}) == "all is not the number of a queue item");
}

TEST(ControlServer, leaves_what_is_being_sent_alone) {
    CHECK(dispatcher->start().has_value());
    bool ended = false;
    net.answer = [&](std::string_view command) -> std::optional<std::string> {
        if (command != "content") return std::nullopt;
        ended = true;
        return "silence";
    };
    CHECK(add_relay({{"security", "none"}}) == "done");
    auto const id = queue_mail();
    run_until([&] { return ended; });
    CHECK(queue_states() == std::vector<std::string>{"being sent"});
    for (std::string_view const command : {"queue.retry", "queue.hold", "queue.release", "queue.remove"})
        CHECK(reason(command, {{"id", id}}) == id + ": it is being sent at this moment");
    CHECK(reason("queue.retry", {{"id", "all"}}) == "done");
    CHECK(queue_states() == std::vector<std::string>{"being sent"});
    auto const link = ask("link.show").value().at("relays").as_array()[0].as_object();
    CHECK(link.at("sending") == true);
}

TEST(ControlServer, names_relays_and_lists_them) {
    CHECK(ask("relay.list").value() == json::array());
    CHECK(add_relay() == "done");
    CHECK(newest_audit() == "relay.add: relay=provider" + by_us());
    CHECK(reason("relay.add", {{"name", "branch-2"},
                               {"host", "192.0.2.25"},
                               {"port", "2525"},
                               {"security", "opportunistic"},
                               {"domains", "Branch.Example, .branch.example,b\u00fccher.example"},
                               {"preference", "5"}}) == "done");
    json::object const provider{
        {"name", "provider"}, {"host", "smtp.example.net"}, {"port", 587},      {"security", "starttls"},
        {"login", ""},        {"domains", "all"},           {"preference", 10}, {"link", "down"}};
    CHECK(ask("relay.list").value() ==
          (json::array{{{"name", "branch-2"},
                        {"host", "192.0.2.25"},
                        {"port", 2525},
                        {"security", "opportunistic"},
                        {"login", ""},
                        {"domains", "branch.example,.branch.example,xn--bcher-kva.example"},
                        {"preference", 5},
                        {"link", "down"}},
                       provider}));
    CHECK(add_relay({{"name", "over-tls"}, {"security", "tls"}}) == "done");
    CHECK_EQUAL(465, relay("over-tls").port);
    CHECK(add_relay({{"name", "open"}, {"security", "none"}, {"port", "25"}, {"domains", ""}}) == "done");
    CHECK_EQUAL(25, relay("open").port);
    CHECK(relay("open").domains.empty());
    CHECK(reason("relay.remove", {{"name", "branch-2"}}) == "done");
    CHECK(newest_audit() == "relay.remove: relay=branch-2" + by_us());
    CHECK(reason("relay.remove", {{"name", "branch-2"}}) == "branch-2: no such relay");
    CHECK(reason("relay.remove", {{"name", "Provider"}}) == "Provider: no such relay");
    CHECK_EQUAL(3U, ask("relay.list").value().as_array().size());
}

TEST(ControlServer, says_why_a_relay_cannot_be) {
    CHECK(add_relay({{"port", "2525"}}) == "done");
    auto const before = ask("relay.list").value();
    auto const audited = audit(100).size();
    for (std::string_view const wrong : {"0", "65536", "-1", "smtp", "", "587 "})
        CHECK(add_relay({{"port", wrong}}) == std::format("a port is a number up to 65535, not {}", wrong));
    for (std::string_view const wrong : {"ssl", "TLS", ""})
        CHECK(add_relay({{"security", wrong}}) ==
              std::format("security is tls, starttls, opportunistic or none, not {}", wrong));
    for (std::string_view const wrong :
         {"a b.example", ".", "..example", "a..example", "carol@example.org", "*.example"})
        CHECK(add_relay({{"domains", wrong}}) == std::format("{} is no domain", wrong));
    CHECK(add_relay({{"domains", "good.example,,other.example"}}) == " is no domain");
    for (std::string_view const wrong : {"1001", "-1", "first", ""})
        CHECK(add_relay({{"preference", wrong}}) == std::format("a preference is a number up to 1000, not {}", wrong));
    for (std::string_view const wrong : {"", "two words", "smtp.example.net\r\n"})
        CHECK(add_relay({{"host", wrong}}) == std::format("\"{}\" is no host", wrong));
    for (std::string const& wrong :
         {std::string(), std::string("Provider"), std::string("a_b"), std::string("a b"), std::string(65, 'a')})
        CHECK(add_relay({{"name", wrong}}) == wrong + ": a relay's name has lower-case letters, digits and dashes");
    for (std::string_view const wrong : {"nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
        for (std::string_view const security : {"starttls", "none"}) // which may be another one later
            CHECK(add_relay({{"authority", wrong}, {"security", security}})
                      .starts_with("the authority's file: TLS cannot use these "));
    CHECK(ask("relay.list").value() == before);
    CHECK_EQUAL(audited, audit(100).size());
}

TEST(ControlServer, changes_of_a_relay_what_is_given) {
    core::SystemRandom random;
    auto const tls = fixture.directory() / "tls";
    CHECK(net::load_or_make_identity(tls, "office.lan", {}, fixture.clock.wall(), random).has_value());
    auto const authority = net::authority_certificate(tls);
    CHECK(add_relay({{"port", "2525"}, {"domains", "example.org"}, {"preference", "7"}, {"authority", authority}}) ==
          "done");
    CHECK(reason("relay.login", {{"name", "provider"}, {"login", "office@example.net"}, {"password", "hush"}}) ==
          "done");
    CHECK(add_relay({{"host", "mail.example.net"}}) == "done");
    auto const changed = relay("provider");
    CHECK(changed.host == "mail.example.net");
    CHECK_EQUAL(2525, changed.port);
    CHECK(changed.security == store::RelaySecurity::starttls);
    CHECK(changed.domains == std::vector<std::string>{"example.org"});
    CHECK_EQUAL(7U, changed.preference);
    CHECK(changed.authority == authority);
    CHECK(changed.login == "office@example.net");
    CHECK(changed.password.reveal() == "hush");
    CHECK_FALSE(changed.token);
    // Another security has another port, unless that is given as well; an empty file is no authority of its own.
    CHECK(add_relay({{"security", "tls"}, {"authority", ""}, {"domains", ""}}) == "done");
    CHECK_EQUAL(465, relay("provider").port);
    CHECK(relay("provider").authority.empty());
    CHECK(relay("provider").domains.empty());
    CHECK(relay("provider").password.reveal() == "hush");
}

TEST(ControlServer, keeps_the_login_of_a_relay_to_itself) {
    auto const login = [&](std::string_view name, json::object options) {
        options.emplace("name", name);
        options.emplace("login", "office@example.net");
        return reason("relay.login", std::move(options));
    };
    CHECK(login("provider", {{"password", "hush"}}) == "provider: no such relay");
    CHECK(add_relay() == "done");
    CHECK(login("provider", {{"password", "hush"}}) == "done");
    CHECK(newest_audit() == "relay.login: relay=provider" + by_us());
    CHECK_FALSE(relay("provider").token);
    CHECK(login("provider", {{"password", "hush-token"}, {"token", true}}) == "done");
    CHECK(relay("provider").token);
    CHECK(relay("provider").password.reveal() == "hush-token");
    auto const list = json::serialize(ask("relay.list").value());
    CHECK(list.contains("office@example.net"));
    CHECK_FALSE(list.contains("hush"));
    for (store::AuditRow const& row : audit(100)) CHECK_FALSE(row.details.contains("hush"));
}

TEST(ControlServer, tries_a_relay) {
    auto const test = [&] { return ask("relay.test", {{"name", "provider"}}); };
    CHECK(test().error().reason == "there is no relay provider");
    CHECK(add_relay({{"security", "none"}}) == "done");
    CHECK(test().value() == (json::object{{"works", "192.0.2.25 port 587, without TLS"}}));
    CHECK(net.dialled == std::vector<std::string>{"smtp.example.net"});
    CHECK(net.commands.back() == "QUIT");
    net.reachable = false;
    CHECK(test().error().reason == "smtp.example.net: it does not answer");
    net.reachable = true;

    net.offers.emplace_back("AUTH PLAIN");
    CHECK(reason("relay.login", {{"name", "provider"}, {"login", "office"}, {"password", "hush"}}) == "done");
    CHECK(test().value() == (json::object{{"works", "192.0.2.25 port 587, without TLS, logged in as office"}}));
    CHECK(std::ranges::contains(net.commands,
                                "AUTH PLAIN " + text::base64_encode(std::string_view("\0office\0hush", 12))));
    net.answer = [](std::string_view command) -> std::optional<std::string> {
        return command.starts_with("AUTH") ? std::optional<std::string>("535 5.7.8 Not with us") : std::nullopt;
    };
    CHECK(test().error().reason == "smtp.example.net port 587 answered our login: 535 5.7.8 Not with us");
    net.answer = [](std::string_view command) -> std::optional<std::string> {
        return command == "greeting" ? std::optional<std::string>("554 No service here") : std::nullopt;
    };
    CHECK(test().error().reason == "smtp.example.net port 587 answered our connection: 554 No service here");
    net.answer = nullptr;
    CHECK(add_relay({{"security", "starttls"}}) == "done");
    CHECK(test().error().reason == "smtp.example.net port 587 offers no STARTTLS");
    CHECK_EQUAL(0U, net.received.size());
}

TEST(ControlServer, holds_the_link_and_lets_it_go) {
    CHECK(dispatcher->start().has_value());
    CHECK(ask("link.show").value() == (json::object{{"mode", "auto"},
                                                    {"opens_in", nullptr},
                                                    {"metered", true},
                                                    {"octets_today", 0U},
                                                    {"left_today", "unlimited"},
                                                    {"octets_this_month", 0U},
                                                    {"left_this_month", "unlimited"},
                                                    {"queue", 0U},
                                                    {"without_relay", 0U},
                                                    {"relays", json::array()}}));
    CHECK(reason("link.hold") == "done");
    CHECK(newest_audit() == "settings.set: setting=link.hold value=\"yes\"" + by_us());
    CHECK(fixture.office.settings->flag("link.hold"));
    CHECK(ask("settings.get", {{"name", "link.hold"}}).value() == "yes");
    queue_mail();
    run_until([&] { return ask("link.show").value().at("without_relay") == 1U; });
    CHECK(add_relay({{"security", "none"}}) == "done");
    CHECK(reason("queue.retry", {{"id", "all"}}) == "done");
    auto const held = ask("link.show").value();
    CHECK(held.at("mode") == "hold" && held.at("queue") == 1U && held.at("without_relay") == 0U);
    CHECK(held.at("relays").as_array() == (json::array{json::object{{"relay", "provider"},
                                                                    {"link", "down"},
                                                                    {"waiting", 1U},
                                                                    {"sending", false},
                                                                    {"trouble", ""},
                                                                    {"refuses", false}}}));
    CHECK(net.dialled.empty());

    CHECK(reason("link.auto") == "done");
    CHECK(newest_audit() == "settings.set: setting=link.hold value=\"default\"" + by_us());
    CHECK(reason("link.auto") == "done"); // once more is no harm
    CHECK(fixture.office.settings->is_default("link.hold"));
    run_until([&] { return ask("link.show").value().at("queue") == 0U; });
    CHECK_EQUAL(1U, net.received.size());
    CHECK(ask("link.show").value().at("relays").as_array()[0].at("link") == "usable");

    // The setting itself is the same.
    CHECK(reason("settings.set", {{"name", "link.hold"}, {"value", "yes"}}) == "done");
    CHECK(ask("link.show").value().at("mode") == "hold");
    queue_mail();
    CHECK_EQUAL(1U, net.received.size());
    CHECK(reason("settings.reset", {{"name", "link.hold"}}) == "done");
    run_until([&] { return net.received.size() == 2; });
}

TEST(ControlServer, says_why_a_link_is_down) {
    CHECK(dispatcher->start().has_value());
    net.reachable = false;
    CHECK(add_relay({{"security", "none"}}) == "done");
    queue_mail();
    json::object shown;
    run_until([&] {
        shown = ask("link.show").value().at("relays").as_array()[0].as_object();
        return shown.at("trouble") != "";
    });
    CHECK(shown.at("trouble") == "smtp.example.net: it does not answer");
    CHECK(shown.at("refuses") == false); // which is no alarm
    CHECK(ask("status").value().at("alarms").as_array().empty());
    CHECK(shown.at("link") == "down");
    CHECK(queue_states() == std::vector<std::string>{"waiting"});
    net.reachable = true;
    CHECK(reason("queue.retry", {{"id", "all"}}) == "done"); // and its link with it
    run_until([&] { return queue_states().empty(); });
}

TEST(ControlServer, shows_how_the_box_is_doing) {
    auto const status = ask("status");
    CHECK(status->at("domain") == "office.lan");
    CHECK(status->at("accounts") == 2);
    CHECK(status->at("services").as_array()[0].at("sessions") == 2);
    CHECK(status->at("store").at("octets").to_number<std::uint64_t>() > 0);
    CHECK(status->at("certificate").at("host") == "mail.firm.example");
    CHECK(status->at("certificate").at("of") == "the administrator");
    auto const& queries = status->at("queries");
    CHECK(queries.at("all") == 9 && queries.at("of_strangers") == 2 && queries.at("of_names_outside") == 3);
    CHECK(queries.at("left_away") == 4 && queries.at("waiting") == 1);
    auto const& lookups = status->at("lookups");
    CHECK(lookups.at("internet") == "away: no name server answers");
    CHECK(lookups.at("stale") == 3);
    CHECK(lookups.at("name_servers").as_array()[0].at("milliseconds") == 20);
    CHECK(lookups.at("name_servers").as_array()[0].at("trouble") == "does not answer");
    CHECK(lookups.at("name_servers").as_array()[1].at("milliseconds").is_null());
}

TEST(ControlServer, shows_what_the_image_says_of_the_box_and_what_is_wrong) {
    daemon.run = fixture.directory();
    CHECK_FALSE(ask("status")->as_object().contains("box"));
    CHECK(ask("status")->at("alarms").as_array().empty());
    tell_alarms();
    CHECK_FALSE(std::filesystem::exists(daemon.run / "alarms")); // to no image
    CHECK(reason("menu.password", {{"password", "for the menu"}}) == "done");
    std::ofstream(daemon.run / "box") << "version=2.0\nwear=80\n";
    std::ofstream(daemon.data / "last_backup")
        << R"({"made":"2026-01-05T10:00:00Z","trouble":"no room","failed":true})";
    auto const status = ask("status").value();
    CHECK(status.at("box").at("version") == "2.0");
    CHECK(status.at("last_backup").as_object().contains("age_seconds"));
    auto const& alarms = status.at("alarms").as_array();
    CHECK_EQUAL(2U, alarms.size());
    CHECK(std::string_view(alarms[0].as_string()).contains("80 %") && alarms[1] == "backups fail: no room");
    CHECK(status.at("box").at("menu_password") == true);
    CHECK(told_alarms().ends_with("put in a new one\nbackups fail: no room\n"));
    std::ofstream(daemon.data / "last_backup") << R"({"trouble":"no medium is in","failed":false})"; // a stick is out
    std::ofstream(daemon.run / "box") << "version=2.0\n";
    CHECK(told_alarms().empty());
    CHECK(reason("menu.forget") == "done");
    CHECK(told_alarms() == "whoever is at the box may change all: give the menu a password\n");
    certificate.trouble = "cannot be read";
    CHECK(told_alarms().ends_with("a password\ncertificate: cannot be read\n"));
    certificate.trouble.clear();
    std::ofstream(daemon.run / "box") << "version=2.0\nwear=nonsense\n";
    CHECK(ask("status")->at("alarms").as_array().empty());
    CHECK_FALSE(ask("status")->as_object().contains("box"));
}

TEST(ControlServer, asks_of_the_box_what_no_log_says_in_full) {
    daemon.run = fixture.directory();
    CHECK(reason("box.backup", {{"directory", "/run/media/sda1"}, {"passphrase-file", "hush hush"}}) == "done");
    CHECK(newest_audit() == "box: request=backup directory=/run/media/sda1" + by_us());
    struct stat file{};
    CHECK(::stat((daemon.run / "requests" / "backup").c_str(), &file) == 0);
    CHECK_EQUAL(0600U, file.st_mode & 0777U);
    std::ifstream in(daemon.run / "requests" / "backup");
    CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "directory=/run/media/sda1\npassphrase=hush hush\n");
    for (store::AuditRow const& row : audit(100)) CHECK_FALSE(row.details.contains("hush"));
}

TEST(ControlServer, keeps_the_version_once) {
    auto const audited = newest_audit();
    CHECK(ask("box.keep")->at("store_renewed") == false);
    CHECK(newest_audit() == audited);
    CHECK(fixture.store()
              .write_here([](store::WriteTransaction& transaction) -> store::Result<void> {
                  store::put_number(transaction, store::meta_schema, store::schema_version - 1);
                  return {};
              })
              .has_value());
    CHECK(ask("box.keep")->at("store_renewed") == true);
    CHECK(newest_audit() == "box.keep:" + by_us());
}

TEST(ControlServer, forgets_the_menus_password) {
    CHECK(reason("menu.password", {{"password", "for the menu"}}) == "done");
    CHECK(reason("menu.check", {{"password", ""}}) == "the menu has a password");
    CHECK(reason("menu.forget") == "done");
    CHECK(newest_audit() == "menu.forget:" + by_us());
    CHECK(ask("menu.check", {{"password", ""}})->at("set") == false);
    CHECK(reason("menu.forget") == "done"); // there is none now
}

TEST(ControlServer, forgets_all_that_was_set_and_stays_the_office_that_it_is) {
    auto const kept = [&] {
        return fixture.store()
            .read_here([](store::ReadTransaction const& transaction)
                           -> store::Result<std::vector<std::pair<std::string, std::string>>> {
                return store::list_settings(transaction);
            })
            .value();
    };
    CHECK(fixture.store()
              .write_here([](store::WriteTransaction& transaction) -> store::Result<void> {
                  for (std::string_view const name : {"office.domain", "office.decoy_key", "menu.password"})
                      if (auto const put = store::put_setting(transaction, name, "x"); !put) return put;
                  return {};
              })
              .has_value());
    CHECK(reason("settings.set", {{"name", "network.address"}, {"value", "192.168.1.2/24"}}) == "done");
    CHECK(reason("acme.key", {{"password", "bm90aGluZyBlbHNl"}}) == "done");
    CHECK(add_relay() == "done" && add_fetch() == "done");
    CHECK(reason("upstream.add", {{"name", "provider"}, {"address", "203.0.113.5"}, {"login", "office"}}) == "done");
    CHECK(reason("name.add", {{"name", "printer"}, {"type", "A"}, {"data", json::array{"192.168.1.20"}}}) == "done");
    CHECK(reason("alias.add", {{"address", "sales"}, {"targets", json::array{"alice"}}}) == "done");
    queue_mail();
    int const changes = names_changes;
    CHECK(reason("settings.forget") == "done");
    CHECK(newest_audit() == "settings.forget:" + by_us());
    using Kept = std::vector<std::pair<std::string, std::string>>;
    CHECK(kept() == Kept({{"office.decoy_key", "x"}, {"office.domain", "x"}}));
    CHECK(fixture.office.settings->text("network.address") == "dhcp");
    for (std::string_view const list : {"relay.list", "fetch.list", "upstream.list", "name.list"})
        CHECK(ask(list)->as_array().empty());
    CHECK(fixture.office.upstreams.at("203.0.113.5") == nullptr);
    CHECK_EQUAL(changes + 1, names_changes);
    CHECK(!ask("account.list")->as_array().empty() && !ask("alias.list")->as_array().empty());
    CHECK_EQUAL(1U, ask("queue.list")->as_array().size());
}

TEST(ControlServer, checks_the_store) {
    auto const report = ask("check");
    CHECK(report->at("accounts") == 2);
    CHECK(report->at("problems").as_array().empty());
}

TEST(ControlServer, answers_several_requests_in_order_even_at_once) {
    std::string const replies = talk("{\"command\":\"settings.get\",\"arguments\":{\"name\":\"login.iterations\"}}\n"
                                     "nonsense\n"
                                     "{\"command\":\"queue.list\"}\n");
    CHECK(replies == "{\"ok\":true,\"result\":\"15000\"}\n"
                     "{\"ok\":false,\"reason\":\"a request is one JSON object on a line\"}\n"
                     "{\"ok\":true,\"result\":[]}\n");
}

TEST(ControlServer, ends_a_request_without_end) {
    CHECK(talk(std::string(2 * 1024 * 1024, 'x')) == "{\"ok\":false,\"reason\":\"the request is too long\"}\n");
}

TEST(ControlServer, takes_a_bounded_number_of_connections) {
    auto const told = beside([&] {
        std::vector<std::unique_ptr<Client>> clients;
        for (std::size_t i = 0; i < Server::most_connections; ++i) {
            clients.push_back(Client::connect(path).value());
            (void)clients.back()->ask(*find_command("queue.list"), {});
        }
        return Client::connect(path).value()->ask(*find_command("queue.list"), {});
    });
    CHECK_FALSE(told.has_value());
}

TEST(ControlServer, listens_at_a_path_longer_than_an_address_takes) {
    std::filesystem::path const deep = fixture.directory() / std::string(100, 'd') / std::string(100, 'e');
    std::filesystem::create_directories(deep);
    path = deep / "control.sock";
    auto const another = Server::listen(fixture.io.get_executor(), path, actions_of(daemon), fixture.stop);
    CHECK(another.has_value());
    CHECK(ask("queue.list").has_value());
}

TEST(ControlServer, leaves_nothing_behind) {
    server.reset();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(Client::connect(path).has_value());
}

TEST(ControlServer, keeps_records_of_names) {
    auto const add = [&](std::string_view name, std::string_view type, std::vector<std::string_view> const& data,
                         std::string_view ttl = "") {
        json::object arguments{{"name", name}, {"type", type}, {"data", json::array(data.begin(), data.end())}};
        if (!ttl.empty()) arguments["ttl"] = ttl;
        return reason("name.add", std::move(arguments));
    };
    auto const remove = [&](std::string_view name, std::vector<std::string_view> const& record) {
        json::object arguments{{"name", name}};
        if (!record.empty()) arguments["record"] = json::array(record.begin(), record.end());
        return reason("name.remove", std::move(arguments));
    };
    auto const listed = [&] {
        std::string lines;
        json::value const rows = ask("name.list").value();
        for (json::value const& row : rows.as_array())
            lines +=
                std::format("{} {} {} {}\n", std::string(row.at("name").as_string()), row.at("ttl").to_number<int>(),
                            std::string(row.at("type").as_string()), std::string(row.at("data").as_string()));
        return lines;
    };
    CHECK(add("Printer", "a", {"192.168.1.20"}) == "done");
    CHECK_EQUAL(1, names_changes);
    STRCMP_EQUAL(("name.add: name=printer.office.lan record=\"300 A 192.168.1.20\"" + by_us()).c_str(),
                 newest_audit().c_str());
    CHECK(add("printer.office.lan", "A", {"192.168.1.21"}, "1h") == "done"); // for both
    CHECK(add("@", "TXT", {"v=spf1 -all", "\"more\""}) == "done");
    CHECK(add("www.office.lan.", "CNAME", {"printer"}) == "done");
    CHECK(add("_sip._tcp", "SRV", {"0", "0", "5060", "pbx.example.com."}) == "done");
    CHECK(add("bücher", "TYPE65", {"\\#", "2", "0102"}) == "done");
    STRCMP_EQUAL("_sip._tcp.office.lan 300 SRV 0 0 5060 pbx.example.com.\n"
                 "office.lan 300 TXT \"v=spf1 -all\" \"more\"\n"
                 "printer.office.lan 3600 A 192.168.1.20\n"
                 "printer.office.lan 3600 A 192.168.1.21\n"
                 "www.office.lan 300 CNAME printer.office.lan.\n"
                 "xn--bcher-kva.office.lan 300 TYPE65 \\# 2 0102\n",
                 listed().c_str());
    struct {
        char const* name;
        std::string_view type, data;
    } const wrong[] = {{"a b", "A", "1.2.3.4"},        {"", "A", "1.2.3.4"},    {"x.*", "A", "1.2.3.4"},
                       {"*.*", "A", "1.2.3.4"},        {"x", "HTTPS", "1 ."},   {"x", "A", "1.2.3"},
                       {"x.example.", "A", "1.2.3.4"}, {"www", "A", "1.2.3.4"}, {"mail", "A", "1.2.3.4"}};
    for (auto const& [name, type, data] : wrong) CHECK_TEXT(add(name, type, {data}) != "done", name);
    CHECK(add("x", "A", {"1.2.3.4"}, "8d") != "done" && add("x", "A", {"1.2.3.4"}, "soon") != "done");
    CHECK(remove("nobody", {}) != "done" && remove("printer", {"TXT"}) != "done");
    CHECK(remove("printer", {"A", "192.168.1.22"}) != "done" && remove("printer", {"A", "x"}) != "done");
    CHECK(remove("printer", {"A", "192.168.1.20"}) == "done" && remove("www", {}) == "done");
    CHECK(remove("@", {"TXT", "v=spf1 -all", "more"}) == "done" && remove("_sip._tcp", {"srv"}) == "done");
    CHECK(newest_audit() == "name.remove: name=_sip._tcp.office.lan type=SRV" + by_us());
    CHECK(remove("xn--bcher-kva", {}) == "done");
    STRCMP_EQUAL("printer.office.lan 3600 A 192.168.1.21\n", listed().c_str());

    CHECK(add("*.Web", "A", {"192.168.1.5"}) == "done" && add("*", "CNAME", {"printer"}) == "done");
    CHECK(remove("printer", {}) == "done" && remove("*.web.office.lan", {"A"}) == "done");
    STRCMP_EQUAL("*.office.lan 300 CNAME printer.office.lan.\n", listed().c_str());
}

TEST(ControlServer, names_servers_that_bring_mail) {
    auto const add = [&](std::map<std::string_view, std::string_view> const& more) {
        json::object arguments{{"name", "provider"}};
        for (auto const& [name, value] : more) arguments[name] = value;
        return reason("upstream.add", std::move(arguments));
    };
    CHECK(add({}) == "where it comes from has to be told: --address 203.0.113.5");
    CHECK(add({{"address", "203.0.113.5"}}) ==
          "how it proves who it is has to be told: --login office, or --certificate FILE");
    CHECK(add({{"address", "203.0.113.5, 2001:db8::/48"}, {"login", "Office@office.lan"}}) == "done");
    CHECK(newest_audit() == "upstream.add: upstream=provider" + by_us());
    CHECK(fixture.office.upstreams.at("2001:db8::1")->name == "provider");
    CHECK(fixture.office.upstreams.at("203.0.113.6") == nullptr);
    auto row = ask("upstream.list").value().as_array().at(0).as_object();
    CHECK(row["addresses"] == "203.0.113.5,2001:db8::/48" && row["login"] == "office" && row["certificate"] == false);
    CHECK(row["trouble"].as_string().starts_with("it has no password yet"));
    CHECK(reason("upstream.password", {{"name", "provider"}, {"password", "hush"}}) == "done");
    CHECK(fixture.office.upstreams.at("203.0.113.5")->verifier.iterations > 0);
    CHECK(add({{"address", "203.0.113.6"}}) == "done"); // and the password stays
    CHECK(fixture.office.upstreams.at("203.0.113.6")->verifier.iterations > 0);
    CHECK(add({{"login", "other"}}) == "done"); // and goes
    CHECK(fixture.office.upstreams.at("203.0.113.6")->verifier.iterations == 0);
    for (std::string_view const wrong : {"nowhere", "1.2.3.4/99", ",", ""}) CHECK(add({{"address", wrong}}) != "done");
    CHECK(add({{"login", ""}}) == "that is no login");
    CHECK(add({{"certificate", "nonsense"}}).starts_with("the certificate's file: "));
    CHECK(add({{"certificate", ""}}) == "the certificate's file: it is empty");
    CHECK(reason("upstream.add", {{"name", "other"}, {"address", "203.0.113.0/24"}, {"login", "x"}}) ==
          "203.0.113.0/24 is among the addresses of provider");
    CHECK(reason("upstream.add", {{"name", "Other"}, {"address", "192.0.2.1"}, {"login", "x"}}) ==
          "Other: the name has lower-case letters, digits and dashes");
    CHECK(reason("upstream.password", {{"name", "other"}, {"password", "hush"}}) == "other: there is no such upstream");
    CHECK(reason("upstream.remove", {{"name", "provider"}}) == "done");
    CHECK(reason("upstream.remove", {{"name", "provider"}}) == "provider: there is no such upstream");
    CHECK(fixture.office.upstreams.at("203.0.113.6") == nullptr);
    for (store::AuditRow const& audited : audit(100)) CHECK_FALSE(audited.details.contains("hush"));
}

TEST(ControlServer, names_servers_that_keep_mail_for_us) {
    CHECK(ask("fetch.atrn", {{"name", "keeper"}, {"host", "odmr.example.net"}}).has_value());
    auto row = ask("fetch.list").value().as_array().at(0).as_object();
    CHECK(row["protocol"] == "atrn" && row["port"] == 366 && row["security"] == "starttls");
    CHECK(row["mailbox"] == "office.lan" && row["account"] == "" && row["after"] == "");
    CHECK(row["trouble"].as_string().starts_with("it has no login yet"));
    CHECK(ask("fetch.login", {{"name", "keeper"}, {"login", "office"}, {"password", "secret"}}).has_value());
    CHECK(ask("fetch.atrn", {{"name", "keeper"},
                             {"host", "odmr.example.net"},
                             {"domains", "Example.ORG, b\xc3\xbc"
                                         "cher.example"},
                             {"interval", "1h"}})
              .has_value());
    row = ask("fetch.list").value().as_array().at(0).as_object();
    CHECK(row["mailbox"] == "example.org,xn--bcher-kva.example" && row["login"] == "office");
    CHECK(!ask("fetch.atrn", {{"name", "keeper"}, {"host", "odmr.example.net"}, {"domains", "@example.org"}}));
    // Another kind begins anew.
    CHECK(ask("fetch.etrn", {{"name", "keeper"}, {"host", "mx.example.net"}}).has_value());
    row = ask("fetch.list").value().as_array().at(0).as_object();
    CHECK(row["protocol"] == "etrn" && row["port"] == 25 && row["login"] == "" && row["mailbox"] == "office.lan");
    CHECK(ask("fetch.etrn", {{"name", "keeper"}, {"host", "mx.example.net"}, {"domains", "@Example.org, #Uucp"}})
              .has_value());
    CHECK(ask("fetch.list").value().as_array().at(0).as_object()["mailbox"] == "@example.org,#Uucp");
    CHECK(ask("fetch.add", {{"name", "keeper"}, {"host", "imap.example.net"}, {"account", "alice"}}).has_value());
    row = ask("fetch.list").value().as_array().at(0).as_object();
    CHECK(row["protocol"] == "imap" && row["port"] == 993 && row["mailbox"] == "INBOX");
    for (auto const& [option, value] : {std::pair{"domains", "a..b"},
                                        {"domains", ".example.org"},
                                        {"interval", "1s"},
                                        {"port", "0"},
                                        {"security", "opportunistic"}})
        CHECK(!ask("fetch.etrn", {{"name", "keeper"}, {"host", "mx.example.net"}, {option, value}}));
}

TEST(ControlServer, names_where_mail_is_fetched_and_tells_how_that_goes) {
    CHECK(add_fetch() == "done");
    CHECK(newest_audit() == "fetch.add: source=provider" + by_us());
    mail_provider.reachable = false;
    CHECK(reason("fetch.login", {{"name", "provider"}, {"login", "office@example.net"}, {"password", "hush"}}) ==
          "done");
    run_until([&] { return fetcher->status().front().trouble == "imap.example.net: it does not answer"; });
    CHECK(ask("fetch.list").value() == (json::array{{{"name", "provider"},
                                                     {"host", "imap.example.net"},
                                                     {"port", 993},
                                                     {"protocol", "imap"},
                                                     {"security", "tls"},
                                                     {"login", "office@example.net"},
                                                     {"mailbox", "INBOX"},
                                                     {"account", "alice"},
                                                     {"sort", "no"},
                                                     {"after", "keep"},
                                                     {"link", "down"},
                                                     {"fetched", 0},
                                                     {"stubs", 0},
                                                     {"stub_octets", 0},
                                                     {"left", ""},
                                                     {"trouble", "imap.example.net: it does not answer"}}}));
    CHECK(reason("fetch.test", {{"name", "provider"}}) == "imap.example.net: it does not answer");
    CHECK(reason("fetch.remove", {{"name", "provider"}}) == "done");
    CHECK(reason("fetch.remove", {{"name", "provider"}}) == "provider: nothing is fetched by that name");
    CHECK(ask("fetch.list").value() == json::array());
    for (store::AuditRow const& row : audit(100)) CHECK_FALSE(row.details.contains("hush"));
}

TEST(ControlServer, fetches_as_it_is_told) {
    mail_provider.put("Subject: hello\r\n\r\nGood day.\r\n");
    CHECK(add_fetch({{"security", "none"}, {"after", "delete"}, {"interval", "1h"}}) == "done");
    CHECK(reason("fetch.login", {{"name", "provider"}, {"login", "office"}, {"password", "hush"}}) == "done");
    run_until([&] { return mail_provider.mail.empty(); });
    CHECK(add_fetch({{"protocol", "pop3"}, {"security", "none"}, {"after", "7"}, {"sort", "X-For"}}) == "done");
    auto const source =
        fixture.store().read_here([](store::ReadTransaction const& t) -> store::Result<store::FetchSource> {
            return *store::find_fetch_source(t, "provider");
        });
    CHECK_EQUAL(110, source->port);
    CHECK(source->keep_days == 7U && source->sorted && source->sort_field == "X-For");
    CHECK_EQUAL(3600U, source->interval);
    CHECK(!source->thin);
    CHECK(add_fetch({{"security", "tls"}}) == "done");
    CHECK(ask("fetch.list").value().at(0).at("port") == 995);
}

TEST(ControlServer, tells_of_what_waits_at_a_provider_behind_a_thin_link) {
    mail_provider.put("Subject: hello\r\n\r\n" + std::string(20'000, 'x'));
    CHECK(add_fetch({{"security", "none"}, {"thin", "10K"}}) == "done");
    CHECK(reason("fetch.login", {{"name", "provider"}, {"login", "office"}, {"password", "hush"}}) == "done");
    run_until([&] { return fetcher->status().front().fetched == 1; });
    auto const listed = ask("fetch.list").value().at(0);
    CHECK(listed.at("stubs") == 1 && listed.at("stub_octets") == 20'018);
    CHECK(add_fetch({{"thin", "no"}}) == "done");
    run_until([&] { return ask("fetch.list").value().at(0).at("stubs") == 0; });
}

TEST(ControlServer, says_why_mail_cannot_be_fetched) {
    auto const audited = audit(100).size();
    CHECK(add_fetch({{"account", "carol"}}) == "carol: no such account");
    CHECK(add_fetch({{"protocol", "imap4"}}) == "a protocol is imap or pop3, not imap4");
    CHECK(add_fetch({{"security", "opportunistic"}}) == "security is tls, starttls or none, not opportunistic");
    CHECK(add_fetch({{"mailbox", "a\r\nb"}}) == "a\r\nb is no name of a mailbox");
    for (std::string_view const wrong : {"", "X For", "X-For:"})
        CHECK(add_fetch({{"sort", wrong}}) == std::format("sort is yes, no or a header field, not {}", wrong));
    for (std::string_view const wrong : {"", "0", "never", "-1", "4000"})
        CHECK(add_fetch({{"after", wrong}}) ==
              std::format("after is keep, delete, or a number of days up to 3650, not {}", wrong));
    CHECK(add_fetch({{"seen", "maybe"}}) == "seen is yes or no, not maybe");
    for (std::string_view const wrong : {"", "1s", "8d", "often"})
        CHECK(add_fetch({{"interval", wrong}}) == std::format("an interval is from 30s to 7d, not {}", wrong));
    for (std::string_view const wrong : {"", "1", "2G", "yes"})
        CHECK(add_fetch({{"thin", wrong}}) == std::format("thin is no, or octets from 1K to 1G, not {}", wrong));
    CHECK(add_fetch({{"name", "Provider"}}) == "Provider: the name has lower-case letters, digits and dashes");
    CHECK(ask("fetch.list").value() == json::array());
    CHECK_EQUAL(audited, audit(100).size());
    CHECK(add_fetch() == "done");
    CHECK(reason("fetch.login", {{"name", "provider"}, {"login", "a\nb"}, {"password", "hush"}}) ==
          "a login and a password have no line ends");
    CHECK(reason("fetch.login", {{"name", "x"}, {"login", "a"}, {"password", "hush"}}) ==
          "x: nothing is fetched by that name");
}

TEST(ControlServer, has_another_look_at_the_certificate) {
    auto const shown = ask("certificate.reload");
    CHECK(shown->at("host") == "mail.firm.example");
    CHECK_EQUAL(1U, looks_at_certificate);
    certificate.trouble = "own.crt ended on 2026-01-01";
    CHECK(reason("certificate.reload") == "own.crt ended on 2026-01-01");
}

TEST(ControlServer, replaces_the_authority) {
    CHECK(ask("authority.show")->at("next_signs").is_null());
    CHECK(reason("authority.finish") == "there is no next authority");
    CHECK(ask("authority.renew")->at("next_signs") == "1970-01-01T00:00:00Z");
    CHECK(newest_audit() == "authority.renew:" + by_us());
}

TEST(ControlServer, says_what_of_a_self_test_failed) {
    CHECK(ask("self-test").value().at("passed") == true);
    self_test_steps[1] = {"imap", false, "has not the message"};
    CHECK(reason("self-test") == "the self-test failed: imap has not the message");
}

TEST(ControlServer, keeps_the_key_for_names_in_the_internet_to_itself) {
    CHECK(reason("acme.key", {{"password", "no base64"}}).contains("base64"));
    CHECK(reason("acme.key", {{"password", "bm90aGluZyBlbHNl"}}) == "done");
    CHECK_EQUAL(1U, looks_at_certificate);
    CHECK(newest_audit() == "acme.key:" + by_us());
    CHECK(!reason("settings.get", {{"name", "acme.dns_key"}}).contains("bm90"));
    auto const kept = fixture.store().read_here([](store::ReadTransaction const& transaction)
                                                    -> store::Result<std::vector<std::pair<std::string, std::string>>> {
        return store::list_settings(transaction);
    });
    CHECK(std::ranges::contains(*kept, std::pair<std::string, std::string>{"acme.dns_key", "bm90aGluZyBlbHNl"}));
}
