// Coroutines that nobody waits for, and what they wait for.
#pragma once

#include "core/clock.h"
#include "net/event.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>

namespace postern::office {

namespace asio = boost::asio;

constexpr std::chrono::seconds store_pause{10}; // before the store is asked again that did not do what it was asked

// For so long, or until the event is raised, or one of two.
asio::awaitable<void> pause(asio::any_io_executor executor, core::SteadyTime::duration time, net::Event& event);
asio::awaitable<void> pause(asio::any_io_executor executor, core::SteadyTime::duration time, net::Event& event,
                            net::Event& other);

// How one of them ended: a fault is logged, and is no end of the daemon.
void report_fault(std::exception_ptr fault);

} // namespace postern::office
