"""The words, English and Chinese, by which `radpipe new` guesses what a column or a file is.

An English word matches a whole word of a name, and its beginning from four letters on; a Chinese
word matches anywhere. A guess is only ever proposed: each stands as a comment in study.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PERSONAL = _list("name phone birth birthday dob address 姓名 电话 身份证 出生 住址")
ID = _list(
    """id ids patient case subject mrn accession number no index
    编号 序号 病历号 住院号 病案号 检查号 影像号 病例号 患者 病人"""
)
GROUP = _list("patient subject pid 患者 病人 住院号 病历号 病案号")
CENTRE = _list("center centre hospital institution scanner 中心 医院 机型")
SPLIT = _list("split set dataset cohort partition 队列 数据集 分组 组别")
TRAIN = _list("train training development 训练")
TEST = _list("test testing validation valid val internal 测试 验证 内部")
EXTERNAL = _list("external 外部")

BASELINE = _list(
    """sex gender smoking smoker drinking alcohol history family hypertension diabetes side
    laterality race ethnicity menopausal performance
    性别 吸烟 饮酒 高血压 糖尿病 病史 家族 左右 侧别 绝经 诊断年龄 确诊年龄"""
)
CONDITION = _list(
    """metastasis metastases metastatic mets recurrence recurrent relapse response responder
    progression malignant malignancy benign label target class pcr mutation mutant invasion lnm
    mvi complication endpoint upgrade
    转移 复发 进展 恶性 良性 良恶 疗效 缓解 突变 浸润 侵犯 标签 并发症 预后 终点
    病理 诊断 结果"""
)
SURVIVED = _list(
    """os pfs dfs rfs mfs dmfs lrfs efs css ttp status outcome death dead died deceased event
    censor alive survival vital 生存 死亡 存活 删失 事件 转归 结局 随访状态 末次状态 患者状态"""
)
STATUS = _list("状态")  # of something else in longer names: 受体状态
HAPPENED = _list(
    """benign malignant recurrence recurrent relapsed metastatic metastasis
    良性 恶性 复发 转移 进展"""
)
LIVED = _list("alive dead died deceased censored 存活 生存 死亡 失访 删失")
AFTERWARDS = _list(
    """os pfs dfs rfs mfs dmfs lrfs efs ttp dead death died deceased censor censored alive survival
    outcome follow followup 生存 死亡 死因 存活 删失 结局 转归 随访 失访"""
)
"""What is known once a case was followed up; of longer names a status or an event is not."""
BARE = _list("status event time 状态 事件 时间")
TIME = _list(
    """time days day months month years weeks duration interval survival follow followup fu
    时间 天数 月数 随访 生存期 时长 间隔"""
)
FOLLOW = _list("follow followup last 随访 末次")
TREATMENT = _list(
    """treatment treated therapy surgery surgical operation chemo drug radiotherapy radiation
    regimen resection resected postoperative postop after
    治疗 手术 化疗 放疗 靶向 方案 用药 术后 切除"""
)
POSITIVE = _list(
    """1 yes y true positive pos + present malignant dead deceased event d mutant responder
    是 有 阳性 恶性 死亡 转移 复发 突变 发生 进展"""
)
ORDERED = _list("stage grade score level degree 分期 分级 评分 级别 程度")
MISSING = _list("""na n/a #n/a nan null none - -- / . ? unknown missing 未知 不详 缺失 未查 未测""")
ORDERS = tuple(
    _list(order)
    for order in (
        "low intermediate moderate medium high",
        "none mild moderate severe",
        "small medium large",
        "well moderate poor",
        "i ii iii iv v",
        "低 中 高",
        "无 轻 中 重",
        "轻度 中度 重度",
        "高分化 中分化 低分化",
    )
)
MASK = _list(
    """mask masks label labels seg segs segmentation segmentations roi rois contour contours
    annotation annotations msk gt 标注 掩膜 掩码 标签 勾画 分割"""
)
IMAGE = _list(
    """image images img imgs volume volumes vol scan scans nifti nii data raw
    图像 影像 原图 数据 图片"""
)
ENGLISH = {
    "动脉期": "arterial",
    "门脉期": "portal",
    "静脉期": "venous",
    "延迟期": "delayed",
    "平扫": "plain",
    "增强": "enhanced",
    "肿瘤": "tumour",
    "tumor": "tumour",
    "gtv": "tumour",
    "瘤周": "peritumoural",
    "病灶": "lesion",
    "磁共振": "mr",
}
MODALITY = {
    "CT": _list("ct cta cbct ncct cect arterial portal venous delayed plain"),
    "PT": _list("pet pt suv fdg psma"),
    "MR": _list("mr mri t1 t2 t1w t2w t1c t1ce t1gd t2fs dwi adc flair dce swi pdw cest"),
    "US": _list("us ultrasound 超声"),
}


def words(name: str) -> list[str]:
    """Return the words of a name in lower case; a run of Chinese is one word."""
    name = unicodedata.normalize("NFKC", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return re.findall(r"[a-z]+[0-9]*[a-z]*|[0-9]+|[^\W\d_a-z]+", name)


def says(name: str, known: Iterable[str]) -> str:
    """Return the first of the ``known`` words that a name holds, or an empty string."""
    found = words(name)
    parts = {*found, *(w.rstrip("0123456789") for w in found)}
    for word in known:
        if word.isascii():
            if any(p == word or (len(word) >= 4 and p.startswith(word)) for p in parts):
                return word
        elif word in name:
            return word
    return ""


def is_condition(name: str, levels: Iterable[str] = ()) -> bool:
    """Return whether a column's name or levels say what was found of a case."""
    return bool(says(name, CONDITION)) or any(says(level, HAPPENED) for level in levels)


def is_survival(name: str, levels: Iterable[str] = ()) -> bool:
    """Return whether a column's name or levels say how a case's follow-up ended."""
    named = bool(says(name, SURVIVED)) or words(name) == [*STATUS]
    return named or any(says(level, LIVED) for level in levels)


def is_afterwards(name: str, levels: Iterable[str] = ()) -> bool:
    """Return whether a column seems to be known only after a case was followed up."""
    bare = len(words(name)) == 1 and words(name)[0] in BARE
    named = bare or bool(says(name, AFTERWARDS))
    return named or any(says(level, LIVED) for level in levels)


def plain_words(path: str) -> list[str]:
    """Return the words of a path that tell images or regions apart, in English where known."""
    kept = []
    for word in words(path):
        for other in (*MASK, *IMAGE):
            if not other.isascii():
                word = word.replace(other, "")
        if word and word not in MASK and word not in IMAGE:
            kept.append(ENGLISH.get(word, word))
    return list(dict.fromkeys(kept))
