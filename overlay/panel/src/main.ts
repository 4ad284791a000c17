import { takeToken } from "@haishin/common/token";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { createI18n } from "vue-i18n";
import { firstLocale } from "../kit/locale.ts";
import "../kit/theme.css";
import App from "./App.vue";
import { messages } from "./locales/index.ts";
import { useShow } from "./stores/show.ts";

const pinia = createPinia();
const i18n = createI18n({ legacy: false, locale: firstLocale(), fallbackLocale: "en", messages });

createApp(App).use(pinia).use(i18n).mount("#app");
useShow(pinia).open(takeToken());
