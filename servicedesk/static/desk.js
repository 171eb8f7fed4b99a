// Everything here is a convenience: each page works without it.

import { tendChoices } from "./choosing.js";
import { complete } from "./completing.js";
import { openDialogs } from "./dialog.js";
import { keepDrafts } from "./drafts.js";
import { takeFiles } from "./files.js";
import { applyFilters } from "./filters.js";
import { renewPage, searchLive } from "./live.js";
import { tendMenus } from "./menus.js";
import { offerPalette } from "./palette.js";
import { askQuestions } from "./questions.js";
import { renewLists } from "./renewing.js";
import { tendRows } from "./rows.js";
import { listenForKeys } from "./shortcuts.js";
import { switchThemes } from "./theme.js";
import { chooseDays } from "./wishing.js";

switchThemes();
tendMenus();
listenForKeys();
tendRows();
tendChoices();
renewLists();
applyFilters();
complete();
askQuestions();
searchLive();
renewPage();
offerPalette();
openDialogs();
keepDrafts(document);
takeFiles(document);
chooseDays(document);
