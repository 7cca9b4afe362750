// A tagged PDF document of A4 pages, drawn with Cairo and Pango. Lengths in points, from the upper left corner.
#pragma once

#include <cairo.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::report {

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};
inline constexpr Colour kInk{0.11, 0.13, 0.17};
inline constexpr Colour kGrey{0.42, 0.45, 0.50};
inline constexpr Colour kLine{0.82, 0.84, 0.87};
inline constexpr Colour kPale{0.955, 0.96, 0.97};
inline constexpr Colour kBlue{0.09, 0.30, 0.49};
inline constexpr Colour kLightBlue{0.62, 0.73, 0.83};
inline constexpr Colour kAmber{0.80, 0.52, 0.10};

inline constexpr double kPageWidth = 595.28;
inline constexpr double kPageHeight = 841.89;

struct TextStyle {
  double size = 9;
  Colour colour = kInk;
  bool bold = false;
  enum class Side : uint8_t { kLeft, kRight, kCentre } side = Side::kLeft;
  bool is_cut = false;  // to one line, with an ellipsis
};

class Drawing {
 public:
  // `made_at`: RFC 3339, the date that the document says. `language`: of its text, as BCP 47 writes it.
  Drawing(std::string_view title, std::string_view made_at, std::string_view language);
  ~Drawing();
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  // Gives the height that the text takes.
  double text(double x, double y, double width, std::string_view text, const TextStyle& style);
  double height_of(double width, std::string_view text, const TextStyle& style);
  void rectangle(double x, double y, double width, double height, const Colour& colour);
  // What is drawn until end() is a part of this kind: H1, H2, P, Table, TR, TH, TD, Figure.
  void begin(const char* tag);
  void end(const char* tag);
  void next_page();
  // The bytes of the file; nothing is drawn afterwards.
  Result<std::string> finish();

 private:
  struct Layout;
  std::unique_ptr<Layout> layout_of(double width, std::string_view text, const TextStyle& style);

  std::string language_;
  std::string bytes_;
  cairo_surface_t* surface_;
  cairo_t* cairo_;
};

}  // namespace weerbaar::report
