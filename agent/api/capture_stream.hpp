// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/client_link.hpp"
#include "agent/capture/saved.hpp"

namespace agent::api {

/// The answer to CaptureSave: what was recorded until the request, piece by piece.
class CaptureStream : public Stream {
 public:
  CaptureStream(std::uint32_t request, capture::SavedWriter writer)
      : request_(request), writer_(std::move(writer)) {}
  Progress produce(std::string& out) override;

 private:
  std::uint32_t request_;
  capture::SavedWriter writer_;
};

}  // namespace agent::api
