#include "fetch/fetcher.h"

#include "fetch/source.h"
#include "fetch/stub.h"
#include "office/background.h"
#include "office/incoming_message.h"
#include "office/quota.h"
#include "store/bodies.h"
#include "store/fetches.h"
#include "store/stubs.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <format>

namespace postern::fetch {

Fetcher::Fetcher(office::Office& office, net::Dialer& dialer, net::MemoryBudget const& budget,
                 asio::any_io_executor executor)
    : office_(office), dialer_(dialer), budget_(budget), executor_(std::move(executor)) {
    watch_ = office_.storage.store().watch_stubs([this, executor = executor_](store::StubsMark const& mark) {
        asio::post(executor, [this, mark] { stubs_changed(mark); });
    });
}

Fetcher::~Fetcher() = default;

// Every one anew: what was wrong with it may be right now.
store::Result<void> Fetcher::sources_changed() {
    auto sources = office_.storage.read_here(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::FetchSource>> {
            return store::list_fetch_sources(transaction);
        });
    if (!sources) return std::unexpected(sources.error());
    for (auto const& [name, source] : sources_) source->retire();
    sources_.clear();
    for (store::FetchSource& source : *sources) {
        std::string const name = source.name;
        sources_.emplace(name, std::make_shared<Source>(*this, std::move(source)));
    }
    for (auto const& [name, source] : sources_) asio::co_spawn(executor_, Source::run(source), office::report_fault);
    asio::co_spawn(executor_, tell_of_lost(), office::report_fault);
    return {};
}

void Fetcher::stubs_changed(store::StubsMark const& mark) {
    for (std::string const& name : mark.sources)
        if (auto const source = sources_.find(name); source != sources_.end()) source->second->stubs_changed();
    asio::co_spawn(executor_, tell_of_lost(), office::report_fault);
}

asio::awaitable<void> Fetcher::tell_of_lost() {
    more_lost_ = true;
    if (std::exchange(telling_of_lost_, true)) co_return;
    while (std::exchange(more_lost_, false) && !office_.stop.raised()) {
        auto const stubs = co_await office_.storage.read(
            [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Stub>> {
                auto all = store::list_stubs(transaction);
                std::erase_if(all, [](store::Stub const& one) { return !one.id.empty(); });
                return all;
            });
        // What cannot be written now is written after the next start, or the next change.
        for (store::Stub const& stub : stubs ? *stubs : std::vector<store::Stub>())
            if (!co_await tell_of_lost(stub)) break;
    }
    telling_of_lost_ = false;
}

asio::awaitable<store::Result<void>> Fetcher::tell_of_lost(store::Stub stub) {
    struct Here {
        std::string octets;
        store::WallTime internal_date;
        bool has_source;
    };
    auto const here =
        co_await office_.storage.read([stub](store::ReadTransaction const& transaction) -> store::Result<Here> {
            auto const view = store::view_message(transaction, stub.message);
            if (!view) return std::unexpected(store::StoreError::no_such_message);
            auto octets = store::read_body(transaction, view->body, 0, view->size);
            if (!octets) return std::unexpected(octets.error());
            return Here{std::move(*octets), view->internal_date,
                        store::find_fetch_source(transaction, stub.source).has_value()};
        });
    if (!here) co_return std::unexpected(here.error());
    auto instead = make_lost(here->octets, here->has_source ? "it is not at its provider any more"
                                                            : "nothing is fetched from its provider any more");
    office::IncomingMessage incoming(office_, instead.size(), net::MemoryShare(budget_, stub.source), {});
    co_await incoming.append(std::move(instead));
    if (incoming.out_of_memory()) co_return std::unexpected(store::StoreError::full);
    auto message = co_await incoming.finish(here->internal_date);
    if (!message) co_return std::unexpected(message.error());
    co_return co_await office_.storage.write(
        [stub = stub.message, message = std::move(*message), settings = office_.settings,
         now = office_.clock.wall()](store::WriteTransaction& transaction) -> store::Result<void> {
            auto const told = store::complete_stub(transaction, stub, message, office::office_quota(*settings), now);
            if (!told) return std::unexpected(told.error());
            return {};
        });
}

void Fetcher::network_changed() {
    for (auto const& [name, source] : sources_) source->doubt();
}

void Fetcher::settings_changed() {
    for (auto const& [name, source] : sources_) source->settings_changed();
}

std::vector<SourceStatus> Fetcher::status() const {
    std::vector<SourceStatus> rows;
    for (auto const& [name, source] : sources_) rows.push_back(source->status());
    return rows;
}

asio::awaitable<std::expected<std::string, Failure>> Fetcher::test(std::string name) {
    auto const found = sources_.find(name);
    if (found == sources_.end())
        co_return std::unexpected(Failure{Trouble::refused, std::format("nothing is fetched by the name {}", name)});
    auto const source = found->second; // it stays while we look
    co_return co_await source->test();
}

} // namespace postern::fetch
