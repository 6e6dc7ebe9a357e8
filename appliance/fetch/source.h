// One source: its link, the connection to it, and what is known of it. The fetcher's, and part of it.
#pragma once

#include "fetch/fetcher.h"
#include "fetch/intake.h"
#include "fetch/provider.h"
#include "net/event.h"
#include "office/server_trust.h"
#include "policy/link.h"

#include <memory>
#include <optional>
#include <string>

namespace postern::fetch {

class Fetcher::Source {
public:
    Source(Fetcher& fetcher, store::FetchSource source)
        : intake(fetcher.office_, fetcher.budget_, fetcher.executor_, std::move(source)),
          fetcher_(fetcher),
          wake_(fetcher.executor_) {}

    // Until the office stops, or the source is gone. It is kept alive from the start.
    static asio::awaitable<void> run(std::shared_ptr<Source> source);

    void retire(); // the administrator took it away, or changed it
    void doubt();  // the system's network is another one than before
    void look_now();
    void stubs_changed(); // in the store
    void settings_changed() { wake_.raise(); }
    asio::awaitable<std::expected<std::string, Failure>> test();
    [[nodiscard]] SourceStatus status() const;

    Intake intake;

private:
    [[nodiscard]] office::Office& office() const { return fetcher_.office_; }
    [[nodiscard]] bool is_over() const { return intake.gone.raised() || office().stop.raised(); }
    asio::awaitable<void> work();
    // Until something is to be done.
    [[nodiscard]] core::SteadyTime::duration how_long() const;
    [[nodiscard]] policy::LinkLeave leave() const;
    asio::awaitable<void> look();
    asio::awaitable<std::expected<office::TlsTrust*, Failure>> trust();
    asio::awaitable<std::optional<Failure>> use(Provider& provider);
    [[nodiscard]] std::string no_login() const;
    void worked();
    void failed(Failure const& failure);

    Fetcher& fetcher_;
    policy::Link link_;
    std::string trouble_;
    std::optional<office::TlsTrust> trust_; // made at the first connection
    core::SteadyTime looked_{};             // when it did last
    core::SteadyTime next_look_{};          // not before
    net::Event wake_;                       // something is another way than it was
    Provider* provider_ = nullptr;          // while it is used
};

} // namespace postern::fetch
