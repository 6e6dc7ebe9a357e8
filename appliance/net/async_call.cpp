#include "net/async_call.h"

#include <boost/asio/post.hpp>

namespace postern::net {

bool AsyncMeeting::begin_to_tell() {
    auto state = State::waiting;
    return state_.compare_exchange_strong(state, State::telling);
}

void AsyncMeeting::tell(std::shared_ptr<AsyncMeeting> self, boost::asio::any_io_executor const& executor) {
    boost::asio::post(executor, [self] {
        if (self->arrived_ != nullptr) self->arrived_->raise();
    });
    self->state_ = State::settled;
    self->state_.notify_one();
}

void AsyncMeeting::settle() {
    arrived_ = nullptr;
    auto state = State::waiting;
    if (!state_.compare_exchange_strong(state, State::settled)) state_.wait(State::telling);
}

} // namespace postern::net
