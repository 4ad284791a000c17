import { buttonDark, createTheme, type GlobalThemeOverrides, inputDark, tagDark } from "naive-ui";

/** Only the components that the pages use: the ready-made dark theme would bring all ninety. */
export const theme = createTheme([buttonDark, inputDark, tagDark]);

const ACCENT = "#8ea6ff";

/** The same colours as `theme.css`, for Naive UI. */
export const overrides: GlobalThemeOverrides = {
  common: {
    primaryColor: ACCENT,
    primaryColorHover: "#a9bcff",
    primaryColorPressed: "#7b93ee",
    primaryColorSuppl: ACCENT,
    textColorBase: "#e9ebf3",
    placeholderColor: "#8d95aa",
    borderRadius: "10px",
    fontSize: "15px",
    fontFamily: "inherit",
    heightMedium: "40px",
    heightLarge: "48px",
    inputColor: "#12151e",
  },
  Button: {
    fontWeight: "600",
    colorSecondary: "#272d3d",
    colorSecondaryHover: "#323a50",
    colorSecondaryPressed: "#202534",
    textColorPrimary: "#10131d",
    colorDisabledPrimary: "#2b3355",
    borderDisabledPrimary: "1px solid #2b3355",
    textColorDisabledPrimary: "#bcc6ea",
    opacityDisabled: "0.7",
  },
  Input: { border: "1px solid #30374a", borderDisabled: "1px solid #262b3a" },
  Tag: { color: "#272d3d", textColor: "#cdd4e6" },
};
