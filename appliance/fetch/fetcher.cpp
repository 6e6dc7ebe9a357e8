#include "fetch/fetcher.h"

#include "fetch/source.h"
#include "office/background.h"
#include "store/fetches.h"

#include <boost/asio/co_spawn.hpp>

#include <format>

namespace postern::fetch {

Fetcher::Fetcher(office::Office& office, net::Dialer& dialer, net::MemoryBudget const& budget,
                 asio::any_io_executor executor)
    : office_(office), dialer_(dialer), budget_(budget), executor_(std::move(executor)) {}

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
    return {};
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
