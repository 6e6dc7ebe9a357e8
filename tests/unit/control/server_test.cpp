#include "control/client.h"
#include "control/server.h"
#include "core/log.h"
#include "net/certificate.h"
#include "office/login.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/audit.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "support/fake_relay.h"
#include "support/office_fixture.h"
#include "text/base64.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include <format>
#include <future>
#include <string>

using namespace postern;
using namespace postern::control;

TEST_GROUP(ControlServer) {
    std::unique_ptr<relay::Dispatcher> dispatcher; // gone after the context on which its coroutines are
    test::OfficeFixture fixture;
    test::FakeRelay net{fixture.io};
    Daemon daemon{fixture.office,
                  make_dispatcher(),
                  fixture.directory(),
                  fixture.clock.steady(),
                  [] { return std::vector<ServiceStatus>{{"imaps", 993, 2}}; },
                  [](std::string_view name) { return name == "IDLE" || name == "move"; }};
    std::filesystem::path path = fixture.directory() / "control.sock";
    std::unique_ptr<Server> server;

    relay::Dispatcher& make_dispatcher() {
        dispatcher = std::make_unique<relay::Dispatcher>(fixture.office, net, fixture.io.get_executor());
        return *dispatcher;
    }

    void setup() override {
        core::set_log_level(core::Level::error);
        server = Server::listen(fixture.io.get_executor(), path, daemon, fixture.stop).value();
    }

    // `work` on a thread of its own, as another process would; the server runs until it is done.
    template <typename Work> auto beside(Work work) {
        auto result = std::async(std::launch::async, [&] {
            auto value = work();
            asio::post(fixture.io, [this] { fixture.io.stop(); });
            return value;
        });
        fixture.io.restart();
        fixture.io.run();
        return result.get();
    }
    Answer ask(std::string_view command, json::object arguments = {}) {
        return beside([&] { return Client::connect(path).value()->ask(*find_command(command), arguments); });
    }
    std::string reason(std::string_view command, json::object arguments = {}) {
        auto const answer = ask(command, std::move(arguments));
        return answer ? std::string("done") : answer.error().reason;
    }
    std::string newest_audit() {
        auto const rows = fixture.store().read_here(
            [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::AuditRow>> {
                return store::list_audit(transaction, 1);
            });
        return rows->empty() ? std::string() : rows->front().event + ": " + rows->front().details;
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
    CHECK(reason("shared.remove", {{"name", "Shared/Sales"}}).starts_with("Shared/Sales holds mail (1 messages)"));
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
    auto const queued = fixture.store().write_here([&](store::WriteTransaction& transaction) {
        return store::deliver(transaction, message, delivery, {}, fixture.clock.wall());
    });
    CHECK(queued.has_value());
    auto const list = ask("queue.list");
    CHECK(list->as_array().size() == 1);
    json::object const& row = list->as_array()[0].as_object();
    CHECK(row.at("recipient") == "eve@example.com");
    auto const id = std::to_string(row.at("id").to_number<std::uint64_t>());
    auto const shown = ask("queue.show", {{"id", id}});
    CHECK(shown->at("owner") == "alice");
    CHECK(shown->at("notify") == "FAILURE");
    CHECK(shown->at("envelope_id") == "QQ314159");
    CHECK(shown->at("queued") == "2026-01-05T10:00:00Z");
    CHECK(reason("queue.show", {{"id", "999"}}).contains("no such"));
    CHECK(reason("queue.show", {{"id", "1x"}}).contains("not the number"));
}

TEST(ControlServer, shows_how_the_box_is_doing) {
    auto const status = ask("status");
    CHECK(status->at("domain") == "office.lan");
    CHECK(status->at("accounts") == 2);
    CHECK(status->at("services").as_array()[0].at("sessions") == 2);
    CHECK(status->at("store").at("octets").to_number<std::uint64_t>() > 0);
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
    auto const another = Server::listen(fixture.io.get_executor(), path, daemon, fixture.stop);
    CHECK(another.has_value());
    CHECK(ask("queue.list").has_value());
}

TEST(ControlServer, leaves_nothing_behind) {
    server.reset();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(Client::connect(path).has_value());
}
