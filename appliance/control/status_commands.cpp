#include "control/actions.h"
#include "control/alarms.h"
#include "control/backup_status.h"
#include "control/box_facts.h"
#include "control/daemon.h"
#include "store/accounts.h"
#include "store/queue.h"

#include <filesystem>
#include <format>
#include <string_view>
#include <utility>

namespace postern::control {

namespace {

struct Counts {
    std::uint64_t accounts = 0;
    std::uint64_t messages = 0;
    std::uint64_t queued = 0;
};

json::object store_status(std::filesystem::path const& data) {
    std::error_code error;
    std::uintmax_t octets = 0;
    for (auto const& file : std::filesystem::directory_iterator(data / "store", error))
        if (auto const size = file.file_size(error); !error) octets += size;
    auto const space = std::filesystem::space(data, error);
    return {{"octets", octets}, {"free_octets", error ? 0 : space.available}};
}

std::string_view describe(dns::Reachability::State state) {
    switch (state) {
    case dns::Reachability::State::there: return "there";
    case dns::Reachability::State::silent: return "away: no name server answers";
    case dns::Reachability::State::no_way: return "away: there is no link, or no route";
    }
    std::unreachable();
}

json::object lookups_status(dns::ForwarderStatus const& status) {
    json::array servers;
    for (auto const& server : status.servers)
        servers.push_back({{"name_server", server.written},
                           {"milliseconds", server.time ? json::value(server.time->count()) : json::value()},
                           {"questions", server.questions},
                           {"answers", server.answers},
                           {"trouble", server.trouble}});
    return {{"internet", describe(status.reachability)},
            {"name_servers", std::move(servers)},
            {"known", status.known},
            {"asked", status.asked},
            {"stale", status.stale},
            {"failed", status.failed},
            {"remembered", status.entries},
            {"remembered_octets", status.octets}};
}

json::object queries_status(dns::Responder::Counts const& counts) {
    return {{"all", counts.queries},
            {"of_strangers", counts.refused},
            {"of_names_outside", counts.outside},
            {"left_away", counts.left_away},
            {"waiting", counts.waiting}};
}

} // namespace

json::object certificate_status(CertificateStatus const& status) {
    return {{"host", status.host}, {"of", status.of}, {"until", written(status.until)}, {"trouble", status.trouble}};
}

asio::awaitable<Answer> show_status(Call call) {
    office::Office& office = call.daemon.office;
    auto const counts =
        co_await office.storage.read([](store::ReadTransaction const& transaction) -> store::Result<Counts> {
            Counts found;
            for (store::Account const& account : store::list_accounts(transaction)) {
                ++found.accounts;
                found.messages += account.usage.messages;
            }
            found.queued = store::queue_length(transaction);
            return found;
        });
    if (!counts) co_return refused(std::string(store::describe(counts.error())));
    json::array services;
    for (ServiceStatus const& service : call.daemon.services())
        services.push_back({{"service", service.name}, {"port", service.port}, {"sessions", service.sessions}});
    auto const lookups = co_await call.daemon.lookups();
    auto const uptime = std::chrono::duration_cast<std::chrono::seconds>(office.clock.steady() - call.daemon.started);
    auto const now = office.clock.wall();
    auto backup = last_backup(call.daemon.data);
    auto const alarms = co_await find_alarms(call.daemon);
    json::object status{{"version", POSTERN_VERSION},
                        {"domain", office.domain},
                        {"host_name", office.host_name},
                        {"alarms", json::array(alarms.begin(), alarms.end())},
                        {"time", written(now)},
                        {"uptime_seconds", uptime.count()},
                        {"accounts", counts->accounts},
                        {"messages", counts->messages},
                        {"queue", counts->queued},
                        {"store", store_status(call.daemon.data)},
                        {"last_backup", with_age(std::move(backup), now)},
                        {"services", std::move(services)},
                        {"addresses_handed_out", call.daemon.addresses()},
                        {"certificate", certificate_status(call.daemon.certificate())},
                        {"queries", queries_status(call.daemon.queries())},
                        {"lookups", lookups_status(lookups)}};
    if (auto const facts = read_box_facts(call.daemon.run)) {
        auto box = box_status(*facts);
        box["menu_password"] = co_await has_menu_password(office);
        status["box"] = std::move(box);
    }
    co_return status;
}

Answer check_answer(store::Result<store::CheckReport> const& report) {
    if (!report) return refused(std::format("the store could not be checked: {}", store::describe(report.error())));
    json::array problems;
    for (store::Problem const& problem : report->problems) problems.emplace_back(problem.what);
    json::object result{{"accounts", report->accounts},       {"mailboxes", report->mailboxes},
                        {"index_rows", report->index_rows},   {"messages", report->messages},
                        {"queue_items", report->queue_items}, {"audit_rows", report->audit_rows},
                        {"body_octets", report->body_octets}, {"problems", std::move(problems)}};
    if (report->problems.empty()) return result;
    return std::unexpected(Refusal{
        std::format("the store has {}{} problems", report->truncated ? "more than " : "", report->problems.size()),
        std::move(result)});
}

Answer repair_answer(std::expected<store::RepairReport, store::OpenError> const& report) {
    if (!report) return refused(report.error().reason);
    return json::object{{"messages", report->messages},
                        {"damages", json::array(report->damages.begin(), report->damages.end())},
                        {"damaged_store", report->aside.native()}};
}

asio::awaitable<Answer> check_store(Call call) {
    if (call.arguments.flag("repair"))
        co_return refused("a store that is in use cannot be repaired: stop posternd first");
    office::Storage& storage = call.daemon.office.storage;
    co_return check_answer(co_await storage.compute([&store = storage.store()] { return store::check(store, true); }));
}

asio::awaitable<Answer> test_self(Call call) {
    auto const steps = co_await call.daemon.self_test();
    if (!steps) co_return refused(steps.error());
    json::array rows;
    std::string failed;
    for (SelfTestStep const& step : *steps) {
        rows.push_back({{"step", step.name}, {"passed", step.passed}, {"says", step.says}});
        if (!step.passed) failed += std::format("{}{} {}", failed.empty() ? "" : "; ", step.name, step.says);
    }
    json::object result{{"passed", failed.empty()}, {"steps", std::move(rows)}};
    if (failed.empty()) co_return result;
    co_return std::unexpected(Refusal{std::format("the self-test failed: {}", failed), std::move(result)});
}

} // namespace postern::control
